"""The settings file: `config.toml`, in which a wearer keeps what the programs on this computer shall do.

    load_config(path)          the settings of the file that counts, and what is wrong in it
    change_config(path, {…})   writes some of them, and keeps the file's comments

Both faces load it and pass the values down. A problem in the file never keeps a program from running: the key gets its
default, and the problem is reported with file and line.
"""

from .load import LoadedConfig, Origin, load_config
from .model import Config
from .write import change_config

__all__ = ["Config", "LoadedConfig", "Origin", "change_config", "load_config"]
