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
