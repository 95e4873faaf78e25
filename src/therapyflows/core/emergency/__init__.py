"""Emergency access: opened by a person, told to others, judged afterwards."""
