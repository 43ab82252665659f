"""The study of faces, subject by subject; `face_study.py` runs it."""
