"""Test the page that converts slices to images."""


def test_the_expected_number_of_images_is_shown(slices, wizard, qtbot):
    slices.mark_buttons["silent"].click()
    wizard.go("convert")
    qtbot.waitUntil(lambda: "5 slices become 5 images" in wizard.convert_page.expected.text())
    wizard.convert_page.format.buttons["beat"].click()
    assert "5 slices become 20 images" in wizard.convert_page.expected.text()
