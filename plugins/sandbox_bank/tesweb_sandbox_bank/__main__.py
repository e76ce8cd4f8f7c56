"""`python -m tesweb_sandbox_bank`: the bank without the rest of tesweb."""

from tesweb_sandbox_bank.commands import serve

if __name__ == "__main__":
    serve(prog_name="python -m tesweb_sandbox_bank")
