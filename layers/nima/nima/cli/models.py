"""``nima models``: the models of this machine, getting the published ones, and publishing own ones to S3."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import DownloadColumn, TaskProgressColumn, TransferSpeedColumn
from rich.table import Table

from nima.cli.bars import steps
from nima.errors import ModelUnavailable
from nima.local.files import expanded
from nima.local.project import downloads, model_places, own_models
from nima.model import golden
from nima.model.folder import Places, find_model, installed
from nima.model.install import adopt, adoptable, install_published
from nima.model.litert import Model
from nima.model.manifest import Manifest
from nima.model.published import HOME, IDEALO

if TYPE_CHECKING:
    from nima.model.parity import Difference

_Decorator = Callable[[Callable[..., None]], Callable[..., None]]
_folder = click.Path(file_okay=False, path_type=Path)
_SIZES = (TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn())


def models_option(*flags: str) -> _Decorator:
    """The option, under these names, for where models are looked for; the command gets its places as ``models``."""
    return click.option(
        *flags,
        "models",
        envvar="NIMA_MODELS",
        type=_folder,
        callback=lambda _context, _option, folder: (folder,) if folder else model_places(),
        help="Folder of model folders; NIMA_MODELS. Default: your own models, and those that came with this program.",
    )


into_option = click.option(
    "--into",
    "models",
    envvar="NIMA_MODELS",
    default=own_models,
    required=True,
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
    required=True,
    type=_folder,
    help="Folder that downloads are kept in. Default: .cache/weights of a checkout, else ~/.cache/nima/weights.",
)


@click.group()
def command() -> None:
    """Fetch, convert, adopt, list and verify models."""


@command.command("install")
@_source
@into_option
@_cache
def install_command(source: str, models: Path, cache: Path) -> None:
    """Make the two NIMA MobileNets ready to serve.

    The published Keras weights are fetched, checked against their pins, converted to LiteRT and compared with Keras.
    LiteRT files in a folder are adopted as they are.
    """
    if adoptable(Path(source)):
        _installed(adopt(Path(source), models))
        return
    console = Console()
    content = _fetched(source, cache, console)
    with console.status("Converting to LiteRT and comparing with Keras (half a minute) ..."):
        folder, differences = install_published(content, models, IDEALO)
    console.print(_parity_table(differences))
    _installed(folder)


@command.command("fetch")
@_source
@_cache
def fetch_command(source: str, cache: Path) -> None:
    """Download the published weights, or check those of a folder, without converting them."""
    content = _fetched(source, cache, Console())
    for wanted in IDEALO:
        click.echo(f"{wanted.file}: {len(content[wanted.head])} bytes, git blob {wanted.blob}")


@command.command("adopt")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@into_option
def adopt_command(folder: Path, models: Path) -> None:
    """Install technical.tflite and aesthetic.tflite of FOLDER as they are."""
    _installed(adopt(folder, models))


@command.command("list")
@models_option("--models", "--into")
def list_command(models: Places) -> None:
    """List the installed models, folder by folder."""
    _check_any(models)
    for place in models:
        table = Table("Model", "Version", "Heads", "Size", "Input", "Licence", title=str(place))
        table.columns[0].no_wrap = table.columns[1].no_wrap = True
        for model_id, folder in installed([place]).items():
            try:
                manifest = Manifest.read(folder)
            except ModelUnavailable as error:
                table.add_row(model_id, error.message)
                continue
            table.add_row(
                model_id,
                manifest.version,
                ", ".join(head for file in manifest.files for head in file.heads),
                f"{sum(size for _, size in manifest.contents.values()) / 1e6:.1f} MB",
                f"{manifest.input.width} x {manifest.input.shape[0]}, {manifest.input.kernel}",
                manifest.licence,
            )
        if table.rows:
            Console().print(table)


@command.command("publish")
@click.argument("uri", metavar="s3://BUCKET/PREFIX")
@click.option("--model", envvar="MODEL", help="The id of the model; MODEL. Default: the best one installed.")
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
        place = publish(find_model(models, model or None), S3Uri.of(uri), advance)
    click.echo(place)


@command.command("verify")
@models_option("--models", "--into")
def verify_command(models: Places) -> None:
    """Check the installed models: the SHA-256 of every file, and the golden scores."""
    _check_any(models)
    present = installed(models)
    failed = 0
    for model_id, folder in present.items():
        try:
            difference = golden.check(Model(folder))
        except ModelUnavailable as error:
            failed += 1
            click.echo(f"{model_id}: FAILED. {error.cause}")
        else:
            differ = f"golden scores differ by {difference:.1e} (allowed: {golden.TOLERANCE})"
            click.echo(f"{model_id}: files as hashed; {differ}")
    if failed:
        raise ModelUnavailable(f"{failed} of {len(present)} models cannot be served.")


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
    for d in differences:
        figures = (f"{d.reference:.5f}", f"{d.served:.5f}", f"{d.mean:.1e}", f"{d.probability:.1e}")
        table.add_row(d.picture, d.head, *figures)
    return table
