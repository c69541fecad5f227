"""Charts as files: the answer to a request for a picture as SVG or PNG."""

from flask import Response

from claims_app.web.charts.picture import Picture

_POLICY = "default-src 'none'; frame-ancestors 'none'; style-src {style}"


def picture_file(picture: Picture, name: str, extension: str) -> Response:
    """Return a picture as a file that is called `name` and has the `extension` svg or png."""
    if extension == "png":
        response = Response(picture.png(), content_type="image/png")
    else:
        response = Response(picture.svg(), content_type="image/svg+xml; charset=utf-8")
        # Shown by itself, its only style is allowed; the pages allow none within a document.
        response.headers["Content-Security-Policy"] = _POLICY.format(style=picture.style_source())
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{extension}"'
    return response
