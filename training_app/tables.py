"""Every table of the site in one metadata: who imports this has them all."""

from training_app import installation
from training_app.audit import models as audit_models
from training_app.bank import models as bank_models
from training_app.bookings import models as booking_models
from training_app.db import Base
from training_app.exams import day_models, marking_models, sitting_models
from training_app.exams import models as exam_models
from training_app.exams.rehearsal import models as rehearsal_models
from training_app.files import models as file_models
from training_app.jobs import models as job_models
from training_app.observations import models as observation_models
from training_app.people import models as people_models
from training_app.programmes import models as programme_models
from training_app.streams import models as stream_models

MODELS = (
    installation,
    audit_models,
    file_models,
    job_models,
    stream_models,
    people_models,
    programme_models,
    bank_models,
    booking_models,
    exam_models,
    sitting_models,
    day_models,
    marking_models,
    rehearsal_models,
    observation_models,
)
METADATA = Base.metadata
