"""The API over real HTTP: what it answers, and what it refuses with which code."""

from __future__ import annotations

import base64
import csv
import io
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pytest
from PIL import Image

from nima.aws import clients
from nima.aws.table import ResultTable
from nima.document.policy import MAIN_IMAGE
from nima.document.result import Result
from nima.local.stack import LocalStack
from nima.words import words
from query.routes import rankings
from tests.client import JSON, Reply, ask, post
from tests.integration.test_local_stack import picture, put, settle
from tests.stacks import stack_of, table_name
from tests.unit.test_catalogue import result

ORIGIN = "https://cms.example.com"
COLLECTION = "trail-runner"
MINIMUM_SIDE = 17
JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture(scope="module")
def stack(model_folder: Path) -> Iterator[LocalStack]:
    """With a product's pictures: four that differ, a copy of the first, and a text."""
    with stack_of(
        model_folder,
        NIMA_CORS_ORIGINS=f"{ORIGIN},https://other.example.com",
        NIMA_MAIN_IMAGE_MINIMUM_SIDE=str(MINIMUM_SIDE),
    ) as running:
        for seed in range(4):
            put(running, f"shoes/{COLLECTION}/{seed}.jpg", picture(seed))
        put(running, f"shoes/{COLLECTION}/copy of 0.jpg", picture(0, side=300))
        put(running, f"shoes/{COLLECTION}/text.jpg", b"no picture")
        yield running


@pytest.fixture
def table(stack: LocalStack) -> ResultTable:
    return ResultTable(table_name(stack))


def scored(key: str, technical: float, aesthetic: float) -> Result:
    """A result with these means, of the collection that its key names."""
    return replace(result(key, technical, aesthetic), collection=key.split("/")[1], sequencer="1" * 64)


def keep(table: ResultTable, result: Result) -> None:
    assert table.replace(result, table.stored(result.image.key))


def encoded(key: str) -> str:
    return quote(key, safe="")


def form(*fields: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    """A form as browsers and curl send it."""
    parts = b"".join(
        b'--limit\r\nContent-Disposition: form-data; name="%s"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        b"%s\r\n" % (name.encode(), content)
        for name, content in fields
    )
    return parts + b"--limit--\r\n", {"Content-Type": "multipart/form-data; boundary=limit"}


def send_form(answer: Reply, file: bytes) -> None:
    """Posts the form that ``POST /uploads`` answered with, as a browser does."""
    fields = b"".join(
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in answer.json["fields"].items()
    )
    body, headers = form(("file", file))
    with urlopen(Request(answer.json["url"], data=fields + body, headers=headers), timeout=60) as uploaded:
        assert uploaded.status in (200, 204)


def bomb() -> bytes:
    """A PNG of few bytes that says it has 400 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


# One picture


def test_a_document_is_sent_again_only_when_it_changed(stack: LocalStack) -> None:
    path = f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}"
    first = ask(stack, path)
    etag = first.headers["ETag"]
    again = ask(stack, path, **{"If-None-Match": f'"other", W/{etag}'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert ask(stack, path, **{"If-None-Match": '"other"'}).json == first.json


def test_a_key_may_be_sent_with_its_slashes_and_nothing_else_changes(stack: LocalStack) -> None:
    key = f"shoes/{COLLECTION}/1.jpg"
    assert ask(stack, f"/images/{key}").json == ask(stack, f"/images/{encoded(key)}").json


def test_a_rejected_picture_is_told_with_its_code_and_has_a_report_but_no_figure(stack: LocalStack) -> None:
    path = f"/images/{encoded(f'shoes/{COLLECTION}/text.jpg')}"
    document = ask(stack, path)
    assert (document.status, document.json["status"]) == (200, "rejected")
    assert document.json["error"]["code"] == "unsupported_format"
    report = ask(stack, f"{path}/report")
    assert (report.status, b"unsupported_format" in report.body) == (200, True)
    for part in ("figure", "thumbnail"):
        assert (ask(stack, f"{path}/{part}").status, ask(stack, f"{path}/{part}").code) == (404, "not_found")


def test_figure_report_and_thumbnail_of_a_picture(stack: LocalStack) -> None:
    path = f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}"
    document = ask(stack, path).json
    figure = ask(stack, f"{path}/figure?head=aesthetic").json
    (bars,) = figure["data"]
    assert bars["y"] == document["aesthetic"]["distribution"]
    assert len(ask(stack, f"{path}/figure").json["data"]) == 2

    thumbnail = ask(stack, f"{path}/thumbnail")
    assert thumbnail.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(thumbnail.body)).format == "JPEG"

    report = ask(stack, f"{path}/report", **{"Accept-Language": "fr, zh-CN;q=0.8, en;q=0.5"})
    assert report.headers["Content-Language"] == "zh-CN"
    assert "default-src 'none'" in report.headers["Content-Security-Policy"]
    assert base64.b64encode(thumbnail.body).decode() in report.body.decode()
    english = ask(stack, f"{path}/report?language=en", **{"Accept-Language": "zh"})
    assert embedded(english)["words"] == words()
    for name in ("image", "composite", "deductions", "policies"):
        assert embedded(english)["result"][name] == document[name]


def test_every_verdict_is_by_the_rules_of_this_deployment(stack: LocalStack) -> None:
    path = f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}"
    documents = [ask(stack, path).json, embedded(ask(stack, f"{path}/report"))["result"]]
    documents.append(ask(stack, "/evaluate", picture(1), **JPEG).json)
    verdicts = [document["policies"][MAIN_IMAGE] for document in documents]
    keys = [f"shoes/{COLLECTION}/{name}.jpg" for name in ("0", "1", "copy of 0")]
    for required in ({}, {"policy": MAIN_IMAGE}):
        for ranking in (
            ask(stack, f"/collections/{COLLECTION}/ranking?{urlencode(required)}").json,
            post(stack, "/rank", {"keys": keys, **required}).json,
        ):
            verdicts += [one["policy"] for entry in ranking["entries"] for one in (entry, *entry["copies"])]
    assert len(verdicts) > 12
    thresholds = [{check["code"]: check["threshold"] for check in verdict["checks"]} for verdict in verdicts]
    assert {threshold["minimum_size"] for threshold in thresholds} == {MINIMUM_SIDE}


def test_a_report_weighs_as_a_ranking_does(stack: LocalStack) -> None:
    key = f"shoes/{COLLECTION}/1.jpg"
    composites = set()
    for query in ("", "style=creative", "style=landscape", "weights=1,3", "weights=3,1&style=portrait"):
        composite = embedded(ask(stack, f"/images/{encoded(key)}/report?{query}"))["result"]["composite"]
        ranking = ask(stack, f"/collections/{COLLECTION}/ranking?{query}").json
        (entry,) = (e for e in ranking["entries"] if key in (e["key"], *e["duplicates"]))
        (ranked,) = (e for e in (entry, *entry["copies"]) if e["key"] == key)
        assert (composite["style"], composite["weights"]) == (ranking["style"], ranking["weights"])
        assert {name: composite[name] for name in ("score", "stars", "band", "note")} == {
            name: ranked[name] for name in ("score", "stars", "band", "note")
        }
        composites.add((composite["style"], composite["score"]))
    assert len(composites) == 5
    for query in ("style=macro", "weights=0,0"):
        assert ask(stack, f"/images/{encoded(key)}/report?{query}").code == "invalid_request"


def embedded(report: Reply) -> Any:
    """The data that a report has within itself."""
    text = report.body.decode()
    return json.loads(text.partition('<script type="application/json" id="embedded">')[2].partition("</script>")[0])


def test_a_percentile_moves_with_the_catalogue(stack: LocalStack) -> None:
    put(stack, "hats/a/1.jpg", picture(1))
    alone = ask(stack, "/images/hats/a/1.jpg").json["aesthetic"]
    assert alone["percentile"]["catalogue"] == {"population": "category hats", "value": 50.0}
    for seed in (0, 2, 3):
        put(stack, f"hats/a/{seed}.jpg", picture(seed))
    means = [ask(stack, f"/images/hats/a/{seed}.jpg").json["aesthetic"]["mean"] for seed in range(4)]
    places = [
        ask(stack, f"/images/hats/a/{seed}.jpg").json["aesthetic"]["percentile"]["catalogue"]["value"]
        for seed in range(4)
    ]
    assert sorted(range(4), key=means.__getitem__) == sorted(range(4), key=places.__getitem__)
    stats = ask(stack, "/stats/hats").json
    assert (stats["scored"], sum(stats["aesthetic"]["counts"])) == (4, 4)


# Lists


def test_a_ranking_groups_copies_names_a_main_image_and_pages(stack: LocalStack) -> None:
    path = f"/collections/{COLLECTION}/ranking?style=ecommerce"
    ranking = ask(stack, path).json
    scores = [entry["score"] for entry in ranking["entries"]]
    assert scores == sorted(scores, reverse=True)
    assert ranking["recommended"]["key"] == ranking["entries"][0]["key"]
    (grouped,) = (entry for entry in ranking["entries"] if entry["duplicates"])
    assert {grouped["key"], *grouped["duplicates"]} == {
        f"shoes/{COLLECTION}/0.jpg",
        f"shoes/{COLLECTION}/copy of 0.jpg",
    }
    assert [refused["key"] for refused in ranking["rejected"]] == [f"shoes/{COLLECTION}/text.jpg"]

    seen: list[str] = []
    cursor = None
    while True:
        page = ask(stack, f"{path}&limit=3" + (f"&cursor={cursor}" if cursor else "")).json
        seen += [entry["key"] for entry in page["entries"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert seen == [entry["key"] for entry in ranking["entries"]]


def test_a_required_policy_recommends_nothing_that_fails_it(stack: LocalStack) -> None:
    ranking = ask(stack, f"/collections/{COLLECTION}/ranking?policy=marketplace_main_image").json
    assert ranking["recommended"] is None
    assert "fails" in ranking["note"]


def test_a_channels_rules_judge_rankings_reports_and_what_is_evaluated(stack: LocalStack) -> None:
    ranking = ask(stack, f"/collections/{COLLECTION}/ranking?policy=walmart").json
    keys = [entry["key"] for entry in ranking["entries"]]
    named = ask(stack, "/rank", json.dumps({"keys": keys, "policy": "walmart"}).encode()).json
    report = embedded(ask(stack, f"/images/{quote(keys[0], safe='')}/report?policy=walmart"))["result"]
    evaluated = ask(stack, "/evaluate?policy=walmart", picture(1), **JPEG).json
    verdicts = [entry["policy"] for entry in (*ranking["entries"], *named["entries"])]
    verdicts += [document["policies"]["marketplace_main_image"] for document in (report, evaluated)]
    for verdict in verdicts:
        assert verdict["policy"] == "walmart"
        assert "seamless" in verdict["not_checked"]
        assert {"aspect", "greatest_file", "file_format"} <= {check["code"] for check in verdict["checks"]}
    assert (report["policies"]["marketplace_main_image"]["source"], verdicts[-1]["read"]) == ("official", "2026-11")
    assert ask(stack, "/evaluate?policy=none", picture(1), **JPEG).status == 400


def test_a_search_pages_through_scores_in_order(stack: LocalStack) -> None:
    seen: list[float] = []
    cursor = None
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        page = ask(stack, f"/images?category=shoes&sort=score&limit=2{more}").json
        seen += [item["score"] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == 5
    assert seen == sorted(seen)
    middle = seen[2]
    few = ask(stack, f"/images?category=shoes&min_score={middle}").json["items"]
    assert [item["score"] for item in few] == [score for score in reversed(seen) if score >= middle]


def test_a_report_tells_a_place_only_among_enough_pictures(stack: LocalStack, table: ResultTable) -> None:
    for category, count in (("few", 19), ("many", 20)):
        for number in range(count):
            keep(table, replace(scored(f"{category}/a/{number}.jpg", 5.0, 5.0), category=category))
    # What visitors of the page sent lies together, and is no catalogue.
    for number in range(20):
        keep(table, replace(scored(f"incoming/page/visit/{number}.jpg", 5.0, 5.0), category="page"))
    told = {}
    for category, key in (("few", "few/a/1.jpg"), ("many", "many/a/1.jpg"), ("page", "incoming/page/visit/1.jpg")):
        assert ask(stack, f"/images/{encoded(key)}").json["technical"]["percentile"]["catalogue"]
        told[category] = f"category {category}" in ask(stack, f"/images/{encoded(key)}/report").body.decode()
    assert told == {"few": False, "many": True, "page": False}


def test_a_ranking_tells_of_near_duplicates_what_it_tells_of_others(stack: LocalStack) -> None:
    ranking = ask(stack, f"/collections/{COLLECTION}/ranking").json
    for entry in ranking["entries"]:
        assert [copy["key"] for copy in entry["copies"]] == entry["duplicates"]
        for one in (entry, *entry["copies"]):
            whole = ask(stack, f"/images/{encoded(one['key'])}").json
            assert one["phash"] == whole["phash"]
            assert one["aesthetic"]["mean"] == whole["aesthetic"]["mean"]


def test_the_articles_table_of_main_images(stack: LocalStack, table: ResultTable) -> None:
    """White background 7.2 / 6.8, scene 6.5 / 7.9, model 6.1 / 8.2: stars 3.5, 4 and 4.5 in ecommerce style."""
    given = {"white.jpg": (7.2, 6.8), "scene.jpg": (6.5, 7.9), "model.jpg": (6.1, 8.2)}
    for name, (technical, aesthetic) in given.items():
        keep(table, scored(f"shoes/article/{name}", technical, aesthetic))

    ranking = ask(stack, "/collections/article/ranking?style=ecommerce").json
    shown = {Path(entry["key"]).name: (entry["stars"], entry["score"]) for entry in ranking["entries"]}
    assert {name: stars for name, (stars, _) in shown.items()} == {"white.jpg": 3.5, "scene.jpg": 4.0, "model.jpg": 4.5}
    assert list(shown) == ["model.jpg", "scene.jpg", "white.jpg"]
    assert ranking["recommended"]["key"] == "shoes/article/model.jpg"

    for sheet in (
        ask(stack, "/collections/article/ranking?style=ecommerce&format=csv"),
        ask(stack, "/collections/article/ranking?style=ecommerce", Accept="text/csv"),
        post(stack, "/rank?format=csv", {"keys": [f"shoes/article/{name}" for name in given], "style": "ecommerce"}),
    ):
        assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert [line.split(",")[:4] for line in sheet.body.decode().splitlines()] == [
            ["filename", "technical", "aesthetic", "composite"],
            ["model.jpg", "6.10", "8.20", "7.36"],
            ["scene.jpg", "6.50", "7.90", "7.34"],
            ["white.jpg", "7.20", "6.80", "6.96"],
        ]
        rows = list(csv.DictReader(io.StringIO(sheet.body.decode(), newline="")))
        assert [(row["path"], row["stars"]) for row in rows] == [
            ("shoes/article/model.jpg", "4.5"),
            ("shoes/article/scene.jpg", "4"),
            ("shoes/article/white.jpg", "3.5"),
        ]


def test_a_sheet_holds_every_picture_of_a_ranking_and_those_without_scores(stack: LocalStack) -> None:
    ranking = ask(stack, f"/collections/{COLLECTION}/ranking").json
    sheet = ask(stack, f"/collections/{COLLECTION}/ranking?format=csv").body.decode()
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(sheet, newline=""))}
    assert set(rows) == {
        *(key for entry in ranking["entries"] for key in (entry["key"], *entry["duplicates"])),
        *(refused["key"] for refused in ranking["rejected"]),
    }
    for entry in ranking["entries"]:
        row = rows[entry["key"]]
        assert (row["rank"], row["policy"]) == (str(entry["rank"]), "pass" if entry["policy"]["pass"] else "fail")
        assert row["deductions"].split()[:3] == [deduction["code"] for deduction in entry["deductions"]]
        assert row["group"] == (entry["key"] if entry["duplicates"] else "")
        assert all(rows[copy]["group"] == entry["key"] for copy in entry["duplicates"])
    text = rows[f"shoes/{COLLECTION}/text.jpg"]
    assert (text["error"], text["technical"], text["rank"]) == ("unsupported_format", "", "")
    named = post(stack, "/rank?format=csv", {"keys": ["=gone.jpg"]}).body.decode()
    (gone,) = csv.DictReader(io.StringIO(named, newline=""))
    assert (gone["filename"], gone["path"], gone["error"]) == ("'=gone.jpg", "'=gone.jpg", "not_found")


def test_a_ranking_of_a_part_says_so(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 120
    monkeypatch.setattr(rankings, "COLLECTION_LIMIT", limit)
    many = [scored(f"shoes/large/{number:04}.jpg", 5.0, 6.0) for number in range(limit + 1)]
    monkeypatch.setattr(ResultTable, "collection", lambda self, name, most: many[:most])
    path = "/collections/large/ranking?limit=50"
    page = ask(stack, path).json
    assert not page["complete"]
    assert len(ask(stack, "/collections/large/ranking").json["entries"]) == 25
    sheet = ask(stack, "/collections/large/ranking?format=csv").body.decode()
    assert len(sheet.splitlines()) == 1 + limit
    seen = len(page["entries"])
    while page["cursor"]:
        page = ask(stack, f"{path}&cursor={page['cursor']}").json
        seen += len(page["entries"])
    assert seen == limit
    monkeypatch.undo()
    assert ask(stack, f"/collections/{COLLECTION}/ranking").json["complete"]


def test_a_style_changes_the_order_of_named_pictures(stack: LocalStack, table: ResultTable) -> None:
    keys = ["shoes/styles/sharp.jpg", "shoes/styles/pretty.jpg"]
    for key, means in zip(keys, ((8.0, 4.0), (4.0, 8.0)), strict=True):
        keep(table, scored(key, *means))

    def order(**how: Any) -> list[str]:
        answer = post(stack, "/rank", {"keys": [*keys, "no/such.jpg"], **how}).json
        assert answer["missing"] == ["no/such.jpg"]
        return [entry["key"] for entry in answer["entries"]]

    assert order(style="landscape") == keys
    assert order(style="portrait") == keys[::-1]
    assert order(weights={"technical": 7, "aesthetic": 3}) == keys
    assert order(style="landscape", weights={"technical": 3, "aesthetic": 7}) == keys[::-1]


# Pictures that come in


def test_a_picture_is_evaluated_as_body_and_as_form_and_kept_only_when_asked(stack: LocalStack) -> None:
    body, headers = form(("note", b"x"), ("image", picture(30)))
    raw = ask(stack, "/evaluate?weights=0.7,0.3", picture(30), **JPEG).json
    formed = ask(stack, "/evaluate?weights=0.7,0.3", body, **headers).json
    assert raw["technical"] == formed["technical"]
    assert raw["composite"]["score"] == pytest.approx(
        0.7 * raw["technical"]["mean"] + 0.3 * raw["aesthetic"]["mean"], abs=1e-3
    )
    assert (raw["image"]["key"], raw["image"]["bucket"], raw["sequencer"]) == (None, None, None)

    kept = ask(stack, "/evaluate?store=true&key=incoming/bags/y/30.jpg&style=portrait", picture(30), **JPEG).json
    settle(stack)
    stored = ask(stack, "/images/incoming/bags/y/30.jpg").json
    assert stored["technical"]["mean"] == kept["technical"]["mean"] == raw["technical"]["mean"]
    assert (kept["composite"]["style"], stored["composite"]["style"]) == ("portrait", "general")
    assert stack.aws.s3.get_object(Bucket=stack.bucket, Key="incoming/bags/y/30.jpg")["Body"].read() == picture(30)
    assert ask(stack, "/stats/bags").json["scored"] == 1


def test_an_upload_form_brings_a_picture_into_the_bucket_and_binds_what_may_be_sent(stack: LocalStack) -> None:
    answer = post(stack, "/uploads", {"key": "incoming/bags/x/1.jpg", "content_type": "image/jpeg"})
    assert answer.status == 201
    policy = json.loads(base64.b64decode(answer.json["fields"]["policy"]))["conditions"]
    for condition in (
        {"key": "incoming/bags/x/1.jpg"},
        {"Content-Type": "image/jpeg"},
        ["content-length-range", 1, 25 << 20],
        ["starts-with", "$key", "incoming/"],
    ):
        assert condition in policy
    assert answer.json["expires_in"] <= 600

    send_form(answer, picture(31))
    settle(stack)
    document = ask(stack, "/images/incoming/bags/x/1.jpg").json
    assert (document["status"], document["category"]) == ("scored", "bags")


# Access


def test_only_named_origins_may_read_answers(stack: LocalStack) -> None:
    allowed = ask(stack, "/health", Origin=ORIGIN).headers
    assert allowed["Access-Control-Allow-Origin"] == ORIGIN
    assert ask(stack, "/health", Origin="https://evil.example.com").headers["Access-Control-Allow-Origin"] is None
    preflight = ask(stack, "/rank", method="OPTIONS", Origin=ORIGIN)
    assert (preflight.status, preflight.headers["Access-Control-Allow-Methods"]) == (204, "POST")
    assert "X-Api-Key" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("path", "headers", "varies"),
    [
        ("/health", {}, {"origin"}),
        ("/", {}, {"accept-encoding", "origin"}),
        ("/page/app.js", {"If-None-Match": '"other"'}, {"accept-encoding", "origin"}),
        (f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}/report", {}, {"accept-language", "origin"}),
        (f"/collections/{COLLECTION}/ranking", {}, {"accept", "origin"}),
        (f"/collections/{COLLECTION}/ranking", {"Accept": "text/csv"}, {"accept", "origin"}),
        ("/images/nobody", {}, {"origin"}),
    ],
)
def test_a_cache_is_told_of_everything_that_an_answer_depends_on(
    stack: LocalStack, path: str, headers: dict[str, str], varies: set[str]
) -> None:
    for origin in (ORIGIN, "https://evil.example.com"):
        told = ask(stack, path, Origin=origin, **headers).headers["Vary"]
        assert {name.strip().lower() for name in told.split(",")} == varies


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/page/app.js",
        "/page/settings.json",
        f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}",
        f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}/report",
        f"/images/{encoded(f'shoes/{COLLECTION}/1.jpg')}/thumbnail",
        f"/collections/{COLLECTION}/ranking?format=csv",
        "/images/nobody",
        "/evaluate",
        "/nothing/here",
    ],
)
def test_no_answer_may_be_framed_and_tls_is_to_be_used_again(stack: LocalStack, path: str) -> None:
    headers = ask(stack, path).headers
    rules = [rule.strip() for rule in headers["Content-Security-Policy"].split(";")]
    assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(rules)
    assert int(headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 365 * 24 * 3600
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_unexpected_failure_is_told_without_its_cause(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(clients, "table", broken)
    failed = ask(stack, "/images/a/b/c.jpg")
    assert (failed.status, failed.code) == (500, "internal")
    assert b"secret" not in failed.body


# Bad input

KEY = encoded(f"shoes/{COLLECTION}/1.jpg")
FORM_WITHOUT, FORM_HEADERS = form(("picture", b"x"))
FORM_EMPTY, _ = form(("image", b""))
FORM_TWO, _ = form(("image", b"x"), ("image", b"x"))
UPLOAD = {"key": "incoming/a/b/c.jpg", "content_type": "image/jpeg"}


def junk(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("path", "status", "code", "said"),
    [
        ("/images/no/such.jpg", 404, "not_found", "no result"),
        ("/images/..%2F..%2Fetc%2Fpasswd", 404, "not_found", "no result"),
        (f"/images/{'x' * 1025}", 400, "invalid_request", "key"),
        ("/images/%FF%FE", 400, "invalid_request", "key"),
        ("/images?category=%FFshoes", 400, "invalid_request", "category: percent-encoded UTF-8"),
        (f"/images/{KEY}?style=general", 400, "invalid_request", "style"),
        (f"/images/{KEY}/figure?head=noise", 400, "invalid_request", "head"),
        (f"/images/{KEY}/report?language=xx", 400, "invalid_request", "language"),
        ("/images", 400, "invalid_request", "category"),
        ("/images?category=", 400, "invalid_request", "category"),
        ("/images?category=shoes&category=hats", 400, "invalid_request", "category"),
        ("/images?category=shoes&limit=0", 400, "invalid_request", "limit"),
        ("/images?category=shoes&limit=101", 400, "invalid_request", "limit"),
        ("/images?category=shoes&limit=ten", 400, "invalid_request", "limit"),
        ("/images?category=shoes&limit=%D9%A3", 400, "invalid_request", "limit"),
        ("/images?category=shoes&min_score=nan", 400, "invalid_request", "min_score"),
        ("/images?category=shoes&max_score=11", 400, "invalid_request", "max_score"),
        ("/images?category=shoes&min_score=8&max_score=7", 400, "invalid_request", "min_score"),
        ("/images?category=shoes&sort=key", 400, "invalid_request", "sort"),
        ("/images?category=shoes&cursor=junk", 400, "invalid_request", "cursor"),
        ("/images?category=shoes&cursor=!!!", 400, "invalid_request", "cursor"),
        (f"/images?category=shoes&cursor={junk('x', 5.0, 'key')}", 400, "invalid_request", "cursor"),
        (f"/images?category=shoes&cursor={junk(5.0, 'key')}", 400, "invalid_request", "cursor"),
        (f"/images?category=shoes&cursor={junk({})}", 400, "invalid_request", "cursor"),
        (f"/images?category=shoes&cursor={'A' * 5000}", 400, "invalid_request", "cursor"),
        (f"/collections/{COLLECTION}/ranking?style=moody", 400, "invalid_request", "style"),
        (f"/collections/{COLLECTION}/ranking?weights=-1,2", 400, "invalid_request", "weights"),
        (f"/collections/{COLLECTION}/ranking?weights=0,0", 400, "invalid_request", "weights"),
        (f"/collections/{COLLECTION}/ranking?weights=1", 400, "invalid_request", "weights"),
        (f"/collections/{COLLECTION}/ranking?weights=inf,1", 400, "invalid_request", "weights"),
        (f"/collections/{COLLECTION}/ranking?policy=none", 400, "invalid_request", "policy"),
        (f"/collections/{COLLECTION}/ranking?format=xml", 400, "invalid_request", "format"),
        (f"/collections/{COLLECTION}/ranking?cursor=junk", 400, "invalid_request", "cursor"),
        ("/collections/nothing/ranking", 404, "not_found", "collection"),
        ("/stats/nothing", 404, "not_found", "category"),
        ("/nothing", 404, "not_found", "route"),
    ],
)
def test_a_bad_question_is_refused_with_its_code(
    stack: LocalStack, path: str, status: int, code: str, said: str
) -> None:
    refused = ask(stack, path)
    assert (refused.status, refused.code) == (status, code)
    assert said in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code", "said"),
    [
        ("/rank", b"{", JSON, 400, "invalid_request", "JSON"),
        ("/rank", b"[]", JSON, 400, "invalid_request", "object"),
        ("/rank", b'{"keys": [], "x": 1}', JSON, 400, "invalid_request", "x"),
        ("/rank", b'{"keys": []}', JSON, 400, "invalid_request", "keys"),
        ("/rank", b'{"keys": [""]}', JSON, 400, "invalid_request", "keys"),
        ("/rank", b'{"keys": [1]}', JSON, 400, "invalid_request", "keys"),
        ("/rank", b'{"keys": ["\\ud800"]}', JSON, 400, "invalid_request", "keys"),
        ("/rank", json.dumps({"keys": ["x"] * 201}).encode(), JSON, 400, "invalid_request", "keys"),
        ("/rank", b'{"keys": ["a"], "style": "moody"}', JSON, 400, "invalid_request", "style"),
        ("/rank", b'{"keys": ["a"], "weights": {"technical": -1, "aesthetic": 2}}', JSON, 400, "invalid_request", "w"),
        ("/rank", b'{"keys": ["a"], "weights": {"technical": NaN, "aesthetic": 2}}', JSON, 400, "invalid_request", "J"),
        ("/rank", b" " * 300_000, JSON, 400, "invalid_request", "body"),
        ("/rank", b"keys=a", {"Content-Type": "text/plain"}, 415, "unsupported_format", "application/json"),
        ("/uploads", json.dumps({**UPLOAD, "key": "incoming/../x.jpg"}).encode(), JSON, 400, "invalid_request", "key"),
        ("/uploads", json.dumps({**UPLOAD, "key": "incoming/a/./x.jpg"}).encode(), JSON, 400, "invalid_request", "key"),
        ("/uploads", json.dumps({**UPLOAD, "key": "incoming/a\\..\\x"}).encode(), JSON, 400, "invalid_request", "key"),
        ("/uploads", json.dumps({**UPLOAD, "key": "incoming/a/\n.jpg"}).encode(), JSON, 400, "invalid_request", "key"),
        (
            "/uploads",
            json.dumps({**UPLOAD, "key": "incoming/a/\x85.jpg"}).encode(),
            JSON,
            400,
            "invalid_request",
            "key",
        ),
        (
            "/uploads",
            json.dumps({**UPLOAD, "key": "incoming/a/\x7f.jpg"}).encode(),
            JSON,
            400,
            "invalid_request",
            "key",
        ),
        (
            "/uploads",
            json.dumps({**UPLOAD, "key": "incoming/a/\ud83d.jpg"}).encode(),
            JSON,
            400,
            "invalid_request",
            "key",
        ),
        (
            "/uploads",
            json.dumps({**UPLOAD, "key": "incoming/a/${filename}"}).encode(),
            JSON,
            400,
            "invalid_request",
            "key",
        ),
        (
            "/uploads",
            json.dumps({**UPLOAD, "key": "incoming/" + "x" * 1016}).encode(),
            JSON,
            400,
            "invalid_request",
            "key",
        ),
        ("/uploads", json.dumps({**UPLOAD, "key": "a/b/c.jpg"}).encode(), JSON, 400, "invalid_request", "incoming/"),
        ("/uploads", json.dumps({**UPLOAD, "key": "incoming/a/"}).encode(), JSON, 400, "invalid_request", "a file"),
        ("/uploads", json.dumps({**UPLOAD, "content_type": "text/html"}).encode(), JSON, 400, "invalid_request", "con"),
        ("/uploads", json.dumps({"key": "incoming/a/b/c.jpg"}).encode(), JSON, 400, "invalid_request", "content_type"),
        ("/evaluate", b"", {}, 400, "invalid_request", "image"),
        ("/evaluate", b"", JPEG, 422, "undecodable_image", "The file is empty."),
        ("/evaluate", FORM_WITHOUT, FORM_HEADERS, 400, "invalid_request", "image"),
        ("/evaluate", FORM_EMPTY, FORM_HEADERS, 422, "undecodable_image", "The file is empty."),
        ("/evaluate", FORM_TWO, FORM_HEADERS, 400, "invalid_request", "image"),
        ("/evaluate", b"x", {"Content-Type": "multipart/form-data"}, 400, "invalid_request", "boundary"),
        ("/evaluate", FORM_WITHOUT[:40], FORM_HEADERS, 400, "invalid_request", "form"),
        ("/evaluate", b"This is no picture.", JPEG, 415, "unsupported_format", "not a JPEG"),
        ("/evaluate", b"This is no picture.", {"Content-Type": "text/plain"}, 415, "unsupported_format", "not a JPEG"),
        ("/evaluate", picture(1)[:2000], JPEG, 422, "undecodable_image", ""),
        ("/evaluate", bomb(), JPEG, 422, "too_many_pixels", "pixels"),
        ("/evaluate", b"\xff\xd8\xff" + bytes(4_600_000), JPEG, 413, "image_too_large", "/uploads"),
        ("/evaluate?style=moody", picture(1), JPEG, 400, "invalid_request", "style"),
        ("/evaluate?weights=-0.5,1.5", picture(1), JPEG, 400, "invalid_request", "weights"),
        ("/evaluate?store=yes", picture(1), JPEG, 400, "invalid_request", "store"),
        ("/evaluate?store=true", picture(1), JPEG, 400, "invalid_request", "key"),
        ("/evaluate?key=a/b/c.jpg", picture(1), JPEG, 400, "invalid_request", "key"),
        ("/evaluate?store=true&key=a/b/c.jpg", picture(1), JPEG, 400, "invalid_request", "incoming/"),
        ("/evaluate?store=true&key=incoming/../c.jpg", picture(1), JPEG, 400, "invalid_request", "key"),
        ("/evaluate?store=true&key=incoming/a%FFb.jpg", picture(1), JPEG, 400, "invalid_request", "key: percent-enc"),
        ("/evaluate?store=true&key=incoming/", picture(1), JPEG, 400, "invalid_request", "key: a file's name"),
        ("/evaluate?store=true&key=incoming/a/b/", picture(1), JPEG, 400, "invalid_request", "key: a file's name"),
        ("/stats/shoes", b"x", JPEG, 405, "invalid_request", "GET"),
    ],
)
def test_a_bad_body_is_refused_with_its_code(
    stack: LocalStack, path: str, body: bytes, headers: dict[str, str], status: int, code: str, said: str
) -> None:
    refused = ask(stack, path, body, method="POST", **headers)
    assert (refused.status, refused.code) == (status, code)
    assert said in refused.json["error"]["message"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv, */*", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5", "text/csv; charset=utf-8"),
        ("application/json;q=0.8, Text/CSV; Q=0.9", "text/csv; charset=utf-8"),
        ("*/*", "application/json"),
        ("text/*", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/csv;q=0.5, */*", "application/json"),
        ("application/json, text/csv;q=0", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=much", "application/json"),
    ],
)
def test_a_ranking_comes_as_what_is_accepted_most_gladly(stack: LocalStack, accept: str, kind: str) -> None:
    assert ask(stack, f"/collections/{COLLECTION}/ranking", Accept=accept).headers["Content-Type"] == kind


def test_headers_of_more_than_ten_kilobytes_are_refused(stack: LocalStack) -> None:
    refused = ask(stack, f"/images/{KEY}", **{"X-Long": "x" * 10_240})
    assert (refused.status, refused.code) == (400, "invalid_request")
    assert "headers" in refused.json["error"]["message"]


def test_a_cursor_of_another_query_is_refused(stack: LocalStack) -> None:
    cursor = ask(stack, "/images?category=shoes&limit=2").json["cursor"]
    for other in ("category=hats&limit=2", "category=shoes&sort=score", "category=shoes&min_score=2"):
        refused = ask(stack, f"/images?{other}&cursor={cursor}")
        assert (refused.status, refused.code) == (400, "invalid_request")
        assert "another query" in refused.json["error"]["message"]
