"""Honest stand-ins for the ports: small implementations that keep the contract, never mocks.

Must never be laxer than the contract suite demands.
"""
