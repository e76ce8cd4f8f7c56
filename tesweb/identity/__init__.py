"""Who someone is: users, their sessions, and what each route asks of them."""
