"""Programs that stand in for the services of a cloud: the sources that packages are built from.

Nothing here is imported by insvc. `insvc.cloud.composer` joins a behaviour and what it stands on
into one self-contained program, which a package ships as `usr/bin/NAME`. Standard library only,
few imports: some sixty of them start at once.
"""
