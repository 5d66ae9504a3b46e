"""The exception tree. Every message is one sentence for the user that ends with the remedy."""


class CvdemoError(Exception):
    """Anything cvdemo can explain: its text may be shown to a user as it is."""


class ImageError(CvdemoError):
    """The bytes handed in are not a picture that cvdemo accepts."""


class VideoError(CvdemoError):
    """The file handed in is not a video that cvdemo accepts, or cannot be read to its end."""


class UnknownModelError(CvdemoError):
    """No model of that name is registered (or not for that task)."""


class WeightsError(CvdemoError):
    """A weights file is missing, unreadable, or not the file it should be."""


class WeightsMissingError(WeightsError):
    """The weights of a registered model are not on this machine."""


class DeviceError(CvdemoError):
    """The requested compute device does not exist here."""


class DatasetError(CvdemoError):
    """A data set is not where it was looked for, or is not complete."""


class DownloadError(CvdemoError):
    """A file could not be fetched, or what came is not the file it should be."""


class DownloadCancelledError(DownloadError):
    """The user stopped a download."""


class BenchmarkError(CvdemoError):
    """A network could not be measured, or the report could not be written."""


class UsageError(CvdemoError):
    """A request that cannot be carried out as it was asked."""
