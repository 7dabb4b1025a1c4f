"""``nima models``: the models of this machine, getting and adopting others, and publishing own ones to S3."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.progress import DownloadColumn, TaskProgressColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from nima.assess.verify import verify
from nima.cli import lineage
from nima.cli.bars import steps
from nima.cli.places import model_of, model_option, models_option
from nima.errors import InvalidRequest, ModelUnavailable
from nima.local.adopt import adopt, adoptable
from nima.local.files import expanded
from nima.local.project import downloads, own_models
from nima.local.swapped import seems_swapped
from nima.model.folder import SHIPPED, Places, find_model, installed
from nima.model.golden import TOLERANCE
from nima.model.install import install_published
from nima.model.litert import Model
from nima.model.manifest import FILE_NAME, Manifest
from nima.model.published import HOME, IDEALO
from nima.model.staging import remove
from nima.native import without_info
from nima.report.table import fitted

if TYPE_CHECKING:
    from nima.model.parity import Difference

_folder = click.Path(file_okay=False, path_type=Path)
_NAMES = 24
"""Cells for names; longer ones are folded."""
_SIZES = (TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn())


def _given(context: click.Context, option: click.Parameter, folder: Path | None) -> Path:
    if folder is None:
        raise click.MissingParameter("There is no home folder.", context, option)
    return folder


into_option = click.option(
    "--into",
    "models",
    envvar="NIMA_MODELS",
    default=own_models,
    callback=_given,
    type=_folder,
    help="Folder that the model's folder is made in; NIMA_MODELS. Default: functions/score/models of a checkout, "
    "else ~/.local/share/nima/models.",
)
_source = click.option(
    "--source",
    envvar="NIMA_MODEL_SOURCE",
    default=HOME,
    callback=lambda _context, _option, source: str(expanded(Path(source))) if source.startswith("~") else source,
    help="Folder or URL with the two published files, or a folder with technical.tflite and aesthetic.tflite; "
    f"NIMA_MODEL_SOURCE. Default: {HOME}",
)
_cache = click.option(
    "--cache",
    default=downloads,
    callback=_given,
    type=_folder,
    help="Folder that downloads are kept in. Default: .cache/weights of a checkout, else ~/.cache/nima/weights.",
)
replace_option = click.option(
    "--replace", "replacing", is_flag=True, help="Take the place of another model of this id, and keep nothing of it."
)


@click.group()
def command() -> None:
    """Fetch, convert, adopt, list, show, verify, publish and remove models."""


@command.command("install")
@_source
@into_option
@_cache
@replace_option
def install_command(source: str, models: Path, cache: Path, *, replacing: bool) -> None:
    """Make the two NIMA MobileNets ready to serve.

    The published Keras weights are fetched, checked against their pins, converted to LiteRT and compared with Keras.
    LiteRT files in a folder are adopted as they are, and so is an exported model.
    """
    if adoptable(Path(source)):
        _adopt(Path(source), models, replacing=replacing)
        return
    console = Console()
    content = _fetched(source, cache, console)
    with console.status("Converting to LiteRT and comparing with Keras (half a minute) ..."):
        folder, differences = install_published(content, models, IDEALO, replacing=replacing)
    console.print(_parity_table(differences))
    _installed(folder)


@command.command("fetch")
@_source
@_cache
def fetch_command(source: str, cache: Path) -> None:
    """Download the published weights, or check those of a folder.

    They are not converted.
    """
    content = _fetched(source, cache, Console())
    for wanted in IDEALO:
        click.echo(f"{wanted.file}: {len(content[wanted.head])} bytes, git blob {wanted.blob}")


@command.command("adopt")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--id", "model_id", help="The model's id. Default: that of an exported model.")
@click.option("--licence", help="The licence of LiteRT files; an exported model says its own.")
@into_option
@replace_option
def adopt_command(folder: Path, models: Path, model_id: str | None, licence: str | None, *, replacing: bool) -> None:
    """Install the model of FOLDER as it is, whole or not at all.

    FOLDER holds an exported model, which keeps its manifest and is verified first, or technical.tflite and
    aesthetic.tflite, which must be two different networks.
    """
    _adopt(folder, models, model_id, licence=licence, replacing=replacing)


@command.command("list")
@models_option("--models", "--into")
def list_command(models: Places) -> None:
    """List the installed models, folder by folder."""
    _check_any(models)
    for place in models:
        lines: list[RenderableType] = [Text(str(place), style="italic", overflow="fold")]
        for model_id, folder in installed([place]).items():
            try:
                manifest = Manifest.read(folder)
            except ModelUnavailable as error:
                lines += _listed(model_id, "", error.message)
                continue
            size = sum(size for _, size in manifest.contents.values()) / 1e6
            facts = (
                ", ".join(head for file in manifest.files for head in file.heads),
                f"{manifest.input.width} x {manifest.input.shape[0]} by {manifest.input.kernel}",
                f"{size:.1f} MB",
                lineage.licence(manifest),
            )
            lines += _listed(model_id, manifest.version, "; ".join(facts), lineage.began(manifest))
        if len(lines) > 1:
            table = Group(*lines)
            fitted(Console(), table).print(table)


@command.command("publish")
@click.argument("uri", metavar="s3://BUCKET/PREFIX")
@model_option()
@models_option("--models")
def publish_command(uri: str, model: str | None, models: Places) -> None:
    """Upload a model to S3, for the functions to fetch.

    It is checked first, and goes to s3://BUCKET/PREFIX/<id>/<version>; that is printed, for the stack's ModelUri.
    A version that is there is never overwritten. Do not use the bucket of the pictures: its uploads are scored.
    """
    try:
        from nima.aws.models import publish
        from nima.aws.uri import S3Uri
    except ModuleNotFoundError as error:
        raise click.ClickException(f'Publishing needs boto3: pip install "nima-serverless[aws]". ({error})') from error
    with steps(Console(stderr=True), *_SIZES) as advance:
        place = publish(model_of(models, model), S3Uri.of(uri), advance)
    click.echo(place)


@command.command("show")
@click.argument("model_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="The manifest as it is.")
@models_option("--models", "--into")
def show_command(model_id: str, models: Places, *, as_json: bool) -> None:
    """Show what a model is and where it comes from.

    Its start, its ratings, and its figures on pictures that it has not seen.
    """
    folder = find_model(models, model_id)
    manifest = Manifest.read(folder)
    if as_json:
        click.echo(json.dumps(manifest.to_json(), indent=2, ensure_ascii=False))
        return
    table = Table(title=manifest.id, show_header=False)
    table.add_column(overflow="fold", max_width=_NAMES)
    table.add_column(overflow="fold")
    for name, text in lineage.facts(folder, manifest):
        table.add_row(name, Text(text))
    Console().print(table)


@command.command("verify")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@models_option("--models", "--into")
def verify_command(ids: tuple[str, ...], models: Places) -> None:
    """Check installed models, by default all of them.

    What is checked is the SHA-256 of every file, the version that the manifest's content has, and the scores of golden
    pictures, which must be those of when the model was made.
    """
    _check_any(models)
    wanted = {model_id: find_model(models, model_id) for model_id in ids} if ids else installed(models)
    failed = 0
    for model_id, folder in wanted.items():
        try:
            difference = verify(folder)
        except ModelUnavailable as error:
            failed += 1
            click.echo(f"{model_id}: FAILED. {error.cause}")
        else:
            differ = f"golden scores differ by {difference:.1e} (allowed: {TOLERANCE})"
            click.echo(f"{model_id}: files as hashed; {differ}")
    if failed:
        raise ModelUnavailable(f"{failed} of {len(wanted)} models cannot be served.")


@command.command("remove")
@click.argument("model_id", metavar="ID")
@models_option("--models", "--into")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove_command(model_id: str, models: Places, *, yes: bool) -> None:
    """Remove a model of one's own."""
    folder = find_model(models, model_id)
    if folder.parent.resolve() == SHIPPED.resolve():
        raise InvalidRequest(f"{model_id} comes with this program and is not removed.")
    if not yes:
        click.confirm(f"Remove {model_id} from {folder.parent}?", abort=True)
    remove(folder)
    click.echo(f"Removed {model_id} from {folder.parent}")


def _listed(model_id: str, version: str, *facts: str) -> Iterator[RenderableType]:
    """A model and its version, with what is said of it below, as wide as there is room."""
    yield Text.assemble((model_id, "bold"), f" {version}", overflow="fold")
    for fact in filter(None, facts):
        yield Padding(Text(fact, overflow="fold"), (0, 0, 0, 2))


def _check_any(places: Places) -> None:
    if not installed(places):
        raise ModelUnavailable(f"{' and '.join(map(str, places))} holds no model. `nima models install` makes one.")


def _fetched(source: str, cache: Path, console: Console) -> dict[str, bytes]:
    from nima.model.fetch import fetch

    with steps(console, *_SIZES) as advance:
        return fetch(source, cache, IDEALO, advance)


def _installed(folder: Path) -> None:
    manifest = Manifest.read(folder)
    click.echo(f"Installed {manifest.name} in {folder}")


def _adopt(source: Path, models: Path, model_id: str | None = None, **options: Any) -> None:
    with without_info():
        folder = adopt(source, models, model_id, **options)
        swapped = not (source / FILE_NAME).is_file() and seems_swapped(Model(folder))
    _installed(folder)
    if swapped:
        click.echo(
            "Warning: technical.tflite rises and falls as an aesthetic head usually does, and aesthetic.tflite as a "
            "technical one. If they are swapped, exchange their names and adopt them again with --replace.",
            err=True,
        )


def _parity_table(differences: Sequence[Difference]) -> Table:
    from nima.model.parity import MAX_MEAN, MAX_PROBABILITY

    table = Table(
        "Picture",
        "Head",
        "Keras mean",
        "LiteRT mean",
        "Mean differs by",
        "A probability by",
        title="LiteRT beside Keras",
        caption=f"allowed: {MAX_MEAN:.0e} and {MAX_PROBABILITY:.0e}",
    )
    for column in table.columns:
        column.overflow = "fold"
    for d in differences:
        figures = (f"{d.reference:.5f}", f"{d.served:.5f}", f"{d.mean:.1e}", f"{d.probability:.1e}")
        table.add_row(Text(d.picture), d.head, *figures)
    return table
