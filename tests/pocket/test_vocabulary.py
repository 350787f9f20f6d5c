"""Warnings about strange words: none for what captions say, helpful ones for the rest."""

import numpy as np
import pytest

from t2a.pocket import vocabulary
from t2a.pocket.captions import caption, words
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.near import near_names
from t2a.pocket.world import sample_spec


@pytest.fixture
def whole_world(monkeypatch):
    """A model that knows all of the world's words."""
    monkeypatch.setattr(vocabulary, "known_words", lambda: frozenset(words()))


def test_no_caption_is_warned_about(whole_world):
    rng = np.random.default_rng(0)
    assert not [w for _ in range(500) for w in vocabulary.unknown_words(caption(sample_spec(rng), rng))]


@pytest.mark.parametrize(
    ("word", "name"), [("wolf", "german shepherd"), ("violin", "guitar"), ("beard", "hat"), ("mushrom", "mushroom")]
)
def test_a_strange_word_is_told_what_is_near_in_meaning_or_in_spelling(whole_world, word, name):
    (warning,) = vocabulary.unknown_words(f"a red {word}")
    assert f'"{word}"' in warning and name in warning


def test_nonsense_is_told_where_to_look(whole_world):
    (warning,) = vocabulary.unknown_words("a qqxzv")
    assert "t2a world" in warning


def test_only_names_of_the_world_are_near_and_only_strange_words_have_them():
    names = {*FAMILIES, *COLORS, *ACCESSORIES, *TOPPINGS}
    table = near_names()
    assert len(table) > 5000 and {name for near in table.values() for name in near} <= names
    assert not set(table) & set(words())


def test_the_shipped_model_says_only_what_it_knows():
    known = vocabulary.known_words()
    assert {"mushroom", "chair", "red"} <= known
    assert all(set(name.split()) <= known for word in ("wolf", "violin", "jet") for name in vocabulary.nearest(word))
