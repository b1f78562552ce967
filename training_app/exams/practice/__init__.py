"""Practice 模拟练习 item by item, with the reasons at once."""
