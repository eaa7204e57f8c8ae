-- One database for the hub, and one for each platform that runs beside it.
CREATE DATABASE bri_hub;
CREATE DATABASE bri_sco;
CREATE DATABASE bri_asean;
