"""What is spoken: the texts that speed is measured with, the sentences that quality is, and the voices."""

from __future__ import annotations

# By how long af_heart takes over them. The same ones as everywhere in this project.
TEXTS = {
    "2 s": "Turning on the kitchen lights.",
    "5.5 s": "The weather today is mostly sunny with a high of seventy two degrees and a light breeze.",
    "15 s": (
        "The history of the lighthouse begins in the third century, when the great tower of Alexandria was built to "
        "guide ships into the harbor. It burned day and night, and sailors could see its light from thirty miles "
        "away. An earthquake brought it down in the end."
    ),
}
TEXT_SIDE = "5.5 s"  # the text that the text side is timed with
VOICES = ("af_heart", "bf_emma", "am_michael")

# What the wait for the first sound is measured with, by how long af_heart takes over them. Up to 15 s each is one
# sentence, the one of 8 s without a pause.
FIRST_SOUND_TEXTS = {
    "1 s": "Dinner is ready.",
    "2 s": "Your parcel is at the neighbor's house.",
    "3 s": "The meeting with the architect starts in twenty minutes.",
    "5.5 s": "Remember to take your umbrella with you, because heavy showers are likely this afternoon in most places.",
    "8 s": (
        "The next train to the airport leaves from the platform at the far end of the station and stops at every "
        "village along the coast on its way."
    ),
    "15 s": (
        "To make the dough, mix the flour with a pinch of salt and a spoonful of sugar, pour in the warm milk little by "
        "little while you stir, add the melted butter and both of the eggs, and knead everything on a wooden board "
        "until it is smooth, soft and no longer sticks to your hands."
    ),
    "25 s": (
        "The museum on the other side of the canal shows how people used to live and work in the harbor before the "
        "first bridge was finished. Admission is free on the last Friday of every month. You can borrow a guide at the "
        "desk, which explains the most important rooms in about an hour and also knows some good stories. If you are "
        "hungry afterwards, try the small restaurant behind the garden. Its pancakes are famous all over town, and the "
        "view of the boats is even better."
    ),
}
GROWTH = ("3 s", "25 s")  # from which to which text the first sound's delay is compared
CACHED = RESTED = TWO_CLIENTS = "5.5 s"
OTHER_CLIENT = (
    "The plumber called this morning and said that he will be about half an hour late because of the traffic."
)
STREAMED = (
    "If the rain stops before noon, we could walk up to the old mill, have a picnic in the meadow behind it, and take "
    "the bus home. Shall I look up when the last one leaves?"
)
CLAUSE_ENDS = (",", ".", "!", "?")

# Neither these sentences nor parts of them may be used to calibrate anything.
QUALITY_SENTENCES = (
    "Hello.",
    "Package delivered.",
    "The blinds are closed.",
    "Can you hear me now?",
    "Why would anyone paint a garage bright orange?",
    "I couldn't find any music by that artist.",
    "The basement humidity is at sixty three percent.",
    "Turning on the kitchen lights.",
    "The weather today is mostly sunny with a high of seventy two degrees and a light breeze.",
    "If you mix yellow and blue paint you get green, but the exact shade depends on how much of each you use.",
    "Ten people, six dogs, and a very confused parrot were waiting outside the bakery this morning.",
    (
        "The history of the lighthouse begins in the third century, when the great tower of Alexandria was built to guide "
        "ships into the harbor."
    ),
    "Good morning, it is half past seven.",
    "No.",
    "I moved your dentist appointment to Thursday at four.",
    "What a beautiful evening for a walk along the river!",
    "The front camera saw a fox, two hedgehogs and, for a moment, somebody's umbrella.",
    "Should I lock the back door as well?",
    "Fresh snow is expected above eight hundred meters, with strong gusts on the ridges until midnight.",
    "The soup has to simmer for another quarter of an hour.",
    "Unfortunately the printer is offline again.",
    "She sells seashells by the shore, and he thoughtfully measures the thickness of thistles.",
    "Your electric car will be charged to eighty percent by five in the morning, when power is cheapest.",
    "Volume set to three.",
)
QUALITY_VOICES = ("af_heart", "bf_emma", "am_michael", "bm_george")
