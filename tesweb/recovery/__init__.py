"""Ways back in for somebody who forgot the password; none of them goes around a second factor."""
