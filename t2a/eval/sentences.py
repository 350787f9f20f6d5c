"""Sentences written by hand: prompts that well-known papers use, and paraphrases that the world's own phrasings never
make."""

from __future__ import annotations

from t2a.pocket.captions import Item, Spec


def _one(family: str, **said) -> Spec:
    return Spec((Item(family, **said),))


def _two(first: Item, relation, second: Item) -> Spec:
    return Spec((first, second), relation)


NAMED: dict[str, Spec] = {
    "a corgi wearing a red santa hat": _one("corgi", accessory="santa hat", accessory_color="red"),
    "a multicolored rainbow pumpkin": _one("pumpkin", pattern="rainbow"),
    "an elaborate fountain": _one("fountain"),
    "a traffic cone": _one("traffic cone"),
    "a vase of purple flowers": _one("vase of flowers", color="purple"),
    "a small red cube is sitting on top of a large blue cube. red on top, blue on bottom": _two(
        Item("cube", "red", "small"), "on", Item("cube", "blue", "large")
    ),
    "a pair of 3d glasses, left lens is red right is blue": _one(
        "3d glasses", color="red", part="right lens", part_color="blue"
    ),
    "an avocado chair": _one("chair", theme="avocado"),
    "a stack of pancakes covered in maple syrup": _one("stack of pancakes", topping="maple syrup"),
    "a highly detailed sandcastle": _one("sandcastle"),
    "a german shepherd": _one("german shepherd"),
    "a fish with leopard spots": _one("fish", pattern="leopard"),
}
"""Prompts of DreamFusion, Point-E, Latent-NeRF and DALL-E. Some are held out by the world's split; of a traffic cone
there is nothing to hold out."""

PARAPHRASES: dict[str, Spec] = {
    "could you sculpt an oven whose enamel is entirely orange": _one("oven", color="orange"),
    "my barrel should be turquoise all over": _one("barrel", color="turquoise"),
    "think of a sofa, but green": _one("sofa", color="green"),
    "some kind of purple coloring on a plump pumpkin": _one("pumpkin", color="purple"),
    "imagine that your rabbit had turquoise fur": _one("rabbit", color="turquoise"),
    "a telescope whose tube looks blue": _one("telescope", color="blue"),
    "the mailbox outside our home, freshly painted green": _one("mailbox", color="green"),
    "yellow like the morning, that is how this ice cream looks": _one("ice cream", color="yellow"),
    "scissors, white ones please": _one("scissors", color="white"),
    "what would a pink fox look like": _one("fox", color="pink"),
    "for my level i need one hammer, colour green": _one("hammer", color="green"),
    "the sun, only turquoise instead of its usual shade": _one("sun", color="turquoise"),
    "camping gear: tent, yellow fabric": _one("tent", color="yellow"),
    "somebody dyed the well completely black": _one("well", color="black"),
    "grandma's rocking chair after we gave it purple lacquer": _one("rocking chair", color="purple"),
    "trophy (red)": _one("trophy", color="red"),
    "a shark having purple skin": _one("shark", color="purple"),
    "cannon, but make the whole thing yellow": _one("cannon", color="yellow"),
    "for our prince: his crown, green": _one("crown", color="green"),
    "rose with turquoise blossom": _one("rose", color="turquoise"),
    "hello! may i get a flower, orange, looking as if cut out of marble": _one(
        "flower", color="orange", pattern="marble"
    ),
    "bed, but its frame and everything else seems to be wood": _one("bed", pattern="wooden"),
    "purple and white squares cover the entire shark, checkered like a board": _one(
        "shark", color="purple", pattern="checkered", second="white"
    ),
    "picture the church under a coat of leopard spots": _one("church", pattern="leopard"),
    "brown bowling pin around which grey stripes run": _one(
        "bowling pin", color="brown", pattern="striped", second="grey"
    ),
    "one snow globe decorated zebra style": _one("snow globe", pattern="zebra"),
    "dinosaur; skin: leopard spots": _one("dinosaur", pattern="leopard"),
    "that teapot might be black marble": _one("teapot", color="black", pattern="marble"),
    "dice featuring red and black checks everywhere": _one("dice", color="red", pattern="checkered", second="black"),
    "this green horse put a red cowboy hat upon its head": _one(
        "horse", color="green", accessory="cowboy hat", accessory_color="red"
    ),
    "cat owner bought her pet a yellow cowboy hat, now cat wears it": _one(
        "cat", accessory="cowboy hat", accessory_color="yellow"
    ),
    "upon the traffic cone somebody left a pink hat": _one("traffic cone", accessory="hat", accessory_color="pink"),
    "turquoise rabbit plus orange wizard hat": _one(
        "rabbit", color="turquoise", accessory="wizard hat", accessory_color="orange"
    ),
    "pink snowman, elegant because of his turquoise bow tie": _one(
        "snowman", color="pink", accessory="bow tie", accessory_color="turquoise"
    ),
    "even a chess pawn may wear an orange wizard hat": _one(
        "chess pawn", accessory="wizard hat", accessory_color="orange"
    ),
    "grey pig under a turquoise hat": _one("pig", color="grey", accessory="hat", accessory_color="turquoise"),
    "a santa hat, red of course, was placed onto our corgi": _one(
        "corgi", accessory="santa hat", accessory_color="red"
    ),
    "igloo over which whipped cream has been poured": _one("igloo", topping="whipped cream"),
    "cupcake; honey runs down its sides": _one("cupcake", topping="honey"),
    "maple syrup was poured all over the stack of pancakes": _one("stack of pancakes", topping="maple syrup"),
    "a watermelon became this table": _one("table", theme="watermelon"),
    "if a lamp were a watermelon": _one("lamp", theme="watermelon"),
    "designer chair inspired by avocado": _one("chair", theme="avocado"),
    "snowman number one and snowman number two, two snowmen, both brown": _one("snowman", color="brown", count=2),
    "a set consisting of three grey anvils": _one("anvil", color="grey", count=3),
    "umbrella twins: two pink umbrellas": _one("umbrella", color="pink", count=2),
    "the axe, orange, was laid onto the desk, orange too": _two(
        Item("axe", "orange"), "on", Item("desk", "orange")
    ),
    "purple pyramid balancing atop an orange barrel": _two(Item("pyramid", "purple"), "on", Item("barrel", "orange")),
    "blue cube accompanied by a green horse": _two(Item("cube", "blue"), "next", Item("horse", "green")),
    "an orange bowling pin has been dropped into the pot": _two(
        Item("bowling pin", "orange"), "inside", Item("pot")
    ),
}  # fmt: skip
"""Held-out scenes in words and orders that no training caption has; the judge reads the world's own words for them."""
