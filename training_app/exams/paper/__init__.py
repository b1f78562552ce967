"""The paper: an attempt as it is shown, answered without loss, handed in and proved."""
