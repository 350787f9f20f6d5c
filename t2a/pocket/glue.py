"""Common English words that say nothing about an object. Training sprinkles them over captions, so that what a stranger
wraps around the words that count is passed over rather than stumbled upon."""

from __future__ import annotations

GLUE = tuple(
    """
able about accompanied across actually add after again against ago almost alone along already also although always
am amazing among amount any anybody anyone anything appear appears are around as ask at away awesome be became
because become becomes been began begin being believe best better bought bring brought build but buy call called
came cannot care carefully case certain classic clean clear clearly closely coloring colour coloured come comes
completely concept consisting could course created creative custom daily day decorated design designed designer did
different digital do does doing done down draw drawn dyed each easily either elegant else end english enough entire
entirely especially even ever every everybody everyone everything everywhere exactly example excellent fabric fact
familiar famous fantastic far fashion favorite feature featuring feel few fill final fine finish finished first
follow for found freshly friend full fully fur further gave general gentle get getting give given gives glad go goes
going gone good gorgeous got great ground grow guess had hand handmade happen happy hard have having he head hello
help her hers herself hi him himself his hope how however idea if imagine important including indeed inspired
instead interesting isolated item its itself just keep kind kindly know known lacquer last later lay less let likely
line live located long look looked lot loves main mainly makes making many material matter may maybe mean means
meant middle might mind mine minimal modern moment more morning most mostly move much must my myself nearly need
needs neither never new no nobody none nor normal not note nothing now number object occur off often old once ones
only option or order original other others our ours outside overall own owner part particular perfect perhaps person
pet place plus possible prefer produce professional project proper quite rather reach ready real really rendered
rests room run running runs said same say says scene see seem seems seen shade shall she shot should shown shows
sides similar since single sit sits skin so soft some somebody somehow someone something sometimes somewhere soon
sort special stands start still studio style stylish such super sure surface take taken takes tell than thank thanks
their theirs them themselves then these they thing things think those though through thus time together too took
toward towards try turn type unique unreal until up us use used useful usual usually very wanted wants was way we
wear went were what whatever when where whether which while who whole whom why will wish within wonderful word work
working would yes yet you your yours yourself
""".split()
)  # fmt: skip
