"""The form of a saved view."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from claims_app.rules.saved_views import NAME_LENGTH


class ViewForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no type hints
    """Names a view."""

    name = StringField(
        "Name",
        validators=[InputRequired("Enter a name.")],
        description="What you call this list, such as “Pain, not assessed”.",
        render_kw={"required": True, "maxlength": NAME_LENGTH},
    )
