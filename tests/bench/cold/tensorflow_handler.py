"""The evaluator as tutorials write it, made a function: from the bucket, through two Keras models, into the table.

``answer`` is the same for the picture of a request: neither bucket nor table.
"""

from __future__ import annotations

import base64
import io
import json
import os
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import tensorflow as tf
from PIL import Image

HERE = Path(__file__).parent
MODELS = {head: tf.keras.models.load_model(HERE / f"{head}.h5") for head in ("technical", "aesthetic")}
S3 = boto3.client("s3")
TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    results = []
    for key in event["keys"]:
        data = S3.get_object(Bucket=os.environ["BUCKET_NAME"], Key=key)["Body"].read()
        before = time.perf_counter()
        means = {head: evaluate(model, data) for head, model in MODELS.items()}
        milliseconds = (time.perf_counter() - before) * 1000
        TABLE.put_item(
            Item={"pk": f"tensorflow#{key}", **{head: Decimal(str(round(mean, 4))) for head, mean in means.items()}}
        )
        results.append({"key": key, "status": "scored", "milliseconds": milliseconds})
    return {"results": results}


def answer(event: dict[str, Any], _context: object) -> dict[str, Any]:
    data = base64.b64decode(event["body"])
    before = time.perf_counter()
    means = {head: evaluate(model, data) for head, model in MODELS.items()}
    milliseconds = (time.perf_counter() - before) * 1000
    return {"statusCode": 200, "body": json.dumps({**means, "timings_ms": {"total": milliseconds}})}


def evaluate(model: Any, data: bytes) -> float:
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((224, 224))
    batch = np.expand_dims(np.array(image) / 255.0, axis=0)
    return float(np.sum(model.predict(batch, verbose=0)[0] * np.arange(1, 11)))
