// Mote's main job in a dozen lines: a float network becomes firmware that is proven to compute what
// was evaluated. README.md shows this program. usage: compress_and_deploy [MODEL.tflite]
#include <iostream>

#include <mote/mote.h>

int main(int argc, char** argv) {
  const mote::Dataset data = mote::load_dataset("glyphs");  // digits, built in and synthetic
  const mote::Model model =
      argc > 1 ? mote::open(argv[1]) : mote::train("zoo:custom?width=0.5", data, {.epochs = 1});
  const mote::Model small = model.compress(data, "int8");
  small.save("digits_int8.tflite");

  const mote::Evaluation before = model.evaluate(data), after = small.evaluate(data);
  std::cout << "top-1: " << before.top1 << " as float32, " << after.top1 << " as int8\n";

  // Written as C, linked, and run in the board's emulator on three images.
  const mote::Deployment firmware =
      small.deploy("microbit", "firmware", {.name = "digits", .run_on = data, .samples = 3});
  std::cout << "flash: " << *firmware.flash_bytes << " bytes, RAM: " << firmware.run->ram_bytes
            << " bytes, instructions: " << firmware.run->instructions << "\n"
            << "outputs equal: " << (firmware.run->outputs_equal ? "yes" : "no") << "\n";
}
