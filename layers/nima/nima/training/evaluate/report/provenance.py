"""What was evaluated: label file, split, run, models, and what is wrong with the ratings."""

from __future__ import annotations

from datetime import datetime

from nima.training.evaluate.chosen import Chosen
from nima.training.evaluate.comparison import Comparison
from nima.training.evaluate.report.markup import Child, Markup, tag
from nima.training.evaluate.report.parts import section
from nima.training.evaluate.report.texts import Texts
from nima.training.labels.findings import SHOWN, Finding
from nima.words import ENGLISH


def seen(say: Texts, chosen: Chosen) -> Markup:
    """Whether any of the pictures was seen in training."""
    if chosen.seen is None or chosen.run is None:
        return tag("span", say("notAsked"))
    if not chosen.seen:
        return tag("span", say("unseen", run=chosen.run.name))
    return tag("strong", say("seen", seen=chosen.seen, run=chosen.run.name), class_="warning")


def provenance(say: Texts, comparison: Comparison, chosen: Chosen, made: datetime) -> Markup:
    """The section on what was evaluated."""
    division, file = chosen.division, chosen.label_file
    models = [
        say("modelBegan", model=found.model, began=found.began) if found.began else found.model
        for found in comparison.evaluations
    ]
    left_out = [say("left_out", code, count=count) for code, count in chosen.left_out().items()]
    told: dict[str, Child] = {
        "pictures": [tag("div", say("picturesOf", count=len(chosen.labels), rated=chosen.rated)), seen(say, chosen)],
        "leftOut": say.row(left_out) or say("nothing"),
        "split": say.row(_split(say, chosen)),
        "groups": say("groupsOf", groups=division.groups, grouping=say("groupings", division.grouping)),
        "raters": str(chosen.labels.raters or say("unknownRaters")),
        "labelFile": say("labelFileOf", name=file["name"], digest=file["sha256"]),
        **({"run": str(chosen.run)} if chosen.run else {}),
        "models": tag("ul", [tag("li", model) for model in models]),
        "date": f"{made:%Y-%m-%d %H:%M %Z}",
    }
    return section(say("data"), tag("dl", [[tag("dt", say(name)), tag("dd", what)] for name, what in told.items()]))


def findings(say: Texts, chosen: Chosen) -> Child:
    """The section on what is wrong with the ratings; None where nothing is."""
    if not chosen.findings:
        return None
    return section(
        say("findings"), tag("ul", [tag("li", _said(say, one)) for one in chosen.findings], class_="findings")
    )


def _split(say: Texts, chosen: Chosen) -> list[str]:
    sides = chosen.division.sides
    if not sides:
        return [say("notSplit")]
    sizes = say("sizes", **sides)
    return [sizes, say("stated") if chosen.division.stated else say("seed", seed=chosen.seed)]


def _said(say: Texts, finding: Finding) -> list[Child]:
    if say.language == ENGLISH:
        told = finding.message[:1].upper() + finding.message[1:]
    else:
        told = say("findings", finding.code, count=len(finding.items))
    shown = say.row([*finding.items[:SHOWN], *(["…"] if len(finding.items) > SHOWN else [])])
    return [told, tag("small", shown) if shown else None]
