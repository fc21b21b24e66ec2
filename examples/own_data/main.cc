// Images and labels of one's own, from memory: trains a small network on them, quantizes it, looks
// at every class, and runs single images through the quantized kernels. The images are made here:
// stripes that lie or stand, and dots.
#include <algorithm>
#include <iostream>
#include <random>
#include <span>

#include <mote/mote.h>

namespace {

constexpr int kSize = 16;

// `count` images [count, kSize, kSize] with a little noise; label 0 lies, 1 stands, 2 is dots.
mote::Samples make_samples(int count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> pixels;
  std::vector<int32_t> labels;
  for (int i = 0; i < count; i++) {
    labels.push_back(i % 3);
    const unsigned shift = random();
    for (unsigned y = 0; y < kSize; y++)
      for (unsigned x = 0; x < kSize; x++) {
        const bool across = (y + shift) % 4 < 2, down = (x + shift) % 4 < 2;
        const bool ink = labels.back() == 0 ? across : labels.back() == 1 ? down : across && down;
        pixels.push_back(static_cast<uint8_t>((ink ? 180 : 20) + random() % 50));
      }
  }
  return {mote::Tensor::of({count, kSize, kSize}, pixels), labels};
}

}  // namespace

int main() try {
  const mote::Samples test = make_samples(150, 2);
  const mote::Dataset data = mote::make_dataset(
      "patterns",
      {.train = make_samples(900, 1), .test = test, .class_names = {"lying", "standing", "dots"}});

  // Everything takes options by name and tells how far it is.
  const auto show = [](double done, double total) {
    std::cerr << "\rtraining: " << static_cast<int>(100 * done / total) << " % ";
  };
  const mote::Model model = mote::train("zoo:custom?width=0.3", data,
                                        {.epochs = 6, .learning_rate = 0.1f, .progress = show});
  std::cerr << "\n";
  const mote::Model small = model.compress(data, "int8");
  for (const mote::ClassEvaluation& c : small.evaluate(data).per_class)
    std::cout << c.name << ": precision " << c.precision << ", recall " << c.recall << "\n";
  std::cout << "constants: " << model.inspect().constant_bytes << " bytes, now "
            << small.inspect().constant_bytes << "\n";

  // The network's own numbers: int8 in, int8 out, as the firmware computes them. A session is made
  // once; nothing is allocated while it runs.
  const std::vector<int8_t> images = small.encode(test.images).as<int8_t>();
  mote::Session session = small.prepare();
  const std::span<int8_t> image = session.inputs()[0].as<int8_t>();
  const std::span<const int8_t> scores = session.outputs()[0].as<int8_t>();
  for (size_t i = 0; i < 3; i++) {
    std::copy_n(&images[i * image.size()], image.size(), image.begin());
    session.run();
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    std::cout << "image " << i << " is " << data.class_names()[static_cast<size_t>(best)] << "\n";
  }
} catch (const mote::Error& error) {
  std::cerr << error.what() << "\n";
  return static_cast<int>(error.kind);
}
