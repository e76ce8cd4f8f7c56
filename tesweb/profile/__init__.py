"""What a person sees and changes about themselves: contacts, password, devices, data."""
