from app.session.loop_names import name_of
from tests.app.fakes import seed_of


def test_every_seed_has_a_constant_name_of_its_own():
    assert name_of(seed_of(1)) == name_of(seed_of(1))
    assert len({name_of(seed_of(i)) for i in range(100)}) == 100
