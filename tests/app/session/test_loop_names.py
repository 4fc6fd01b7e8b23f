from app.session.loop_names import clean_name, name_of
from technogan.seeds.origin import Origin
from technogan.seeds.seed import Seed
from tests.app.fakes import seed_of


def test_every_seed_has_a_constant_name_of_its_own():
    assert name_of(seed_of(1)) == name_of(seed_of(1))
    assert len({name_of(seed_of(i)) for i in range(100)}) == 100


def test_the_same_values_have_the_same_name_however_they_were_computed():
    assert name_of(seed_of(-0.0)) == name_of(seed_of(0))
    assert name_of(seed_of(0.1 + 0.2)) == name_of(seed_of(0.3))
    assert name_of(seed_of(-1e-9)) == name_of(seed_of(0))
    assert name_of(seed_of(0.5)) != name_of(seed_of(0.501))


def test_a_name_survives_the_file():
    seed = Seed([i / 7 for i in range(64)])
    origin = Origin.from_json(Origin("bar", (seed,), 128.0, 4).to_json())
    assert name_of(origin.seeds[0]) == name_of(seed)


def test_whole_values_keep_the_names_that_they_had():
    assert name_of(seed_of(3)) == "Zeneme"


def test_a_name_is_one_line():
    assert clean_name(" a\n\tb\0 ") == "a b"
    assert clean_name("x" * 101) == "x" * 100
