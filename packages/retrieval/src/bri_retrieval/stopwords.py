"""Words that say how a question is asked, not what about. They are left out of a question in which
other words remain; the index holds them, so that phrases with them are found."""

_ENGLISH = """
a about all also am an and any are as at be because been being both but by can could did do does
doing done during each either few for from further had has have having he her here him his how i if
in into is it its itself just me more most much my no nor not now of on one only or other our out
over own per s same she should so some such t than that the their them then there these they this
those through to too under until up upon us very was we were what when where which while who whom
whose why will with within would you your
"""
_RUSSIAN = """
а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до
его ее если есть еще же за здесь и из или им их к как какая какие каким каких какое какой какую ко
когда кого который которая которое которые кто куда ли либо между меня мне много может можно мой мы
на над надо наш не него нее нет ни них но ну о об однако он она они оно от очень по под почему при
про с сам свое своей свои своих своего себя сейчас сколько со так также такие такой там тем то тоже
только том того той тот три тут ты у уже чего чей чем что чтобы чье чья эта эти это этого этой этом
этот эту я является являются
"""
_CHINESE = """
的 了 和 与 及 或 在 是 有 为 于 对 从 到 把 被 将 给 向 以 之 其 这 那
个 些 该 此 并 而 且 但 也 都 就 还 又 不 没 没有 我 你 他 她 它 们 我们
你们 他们 它们 谁 什么 哪 哪里 哪个 哪些 哪种 怎么 怎样 如何 为何 为什么 多少 几
何 何时 何地 吗 呢 吧 啊 中 上 下 里 内 等 地 得 着 过 年 月 日 时 时候
什么样 以及 因为 所以 如果 可以 可能 由 由于 关于 根据 通过 一个 一种 这个 那个
这些 那些 这种 第 号 位 种 次 名
"""

STOPWORDS = frozenset(f"{_ENGLISH} {_RUSSIAN} {_CHINESE}".split())
