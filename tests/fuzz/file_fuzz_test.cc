// Damaged files of the other formats that Mote reads: .mote, the text form, .npy, .npz, IDX,
// devices. See attack.h.
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/resources.h"
#include "base/zip.h"
#include "datasets/dataset.h"
#include "datasets/idx.h"
#include "deploy/devices/device.h"
#include "ir/mote_file.h"
#include "ir/npy.h"
#include "ir/text.h"
#include "ops/foreign.h"
#include "ops/verify.h"
#include "tests/fuzz/attack.h"
#include "tests/fuzz/run_accepted.h"
#include "tests/support/foreign_graphs.h"

namespace mote::testing {
namespace {

Array random_images(Shape shape) {
  Array array{DType::uint8, std::move(shape), {}};
  Random random(3);
  array.data.resize(static_cast<size_t>(element_count(array.shape)));
  for (uint8_t& pixel : array.data) pixel = static_cast<uint8_t>(random.below(4));
  return array;
}

// Writes with the format's own writer and gives the file's bytes.
Bytes written(const std::string& name, const auto& write) {
  const std::string path = ::testing::TempDir() + "mote_fuzz_" + name;
  write(path);
  const Bytes bytes = read_file(path);
  std::filesystem::remove(path);
  return bytes;
}

TEST(FileFuzz, Mote) {
  const Graph graph = import_graph(small_classifier(), Format::tflite);
  const Bytes whole =
      written("whole.mote", [&](const std::string& path) { write_mote_file(path, graph); });
  Attacker(".mote").run(
      whole, [](const std::string& path) { verify(read_mote_file(path).graph, Level::imported); });
}

TEST(FileFuzz, TextForm) {
  const PrintedGraph printed = print(import_graph(small_classifier(), Format::tflite));
  const Bytes whole(printed.text.begin(), printed.text.end());
  Attacker(".txt").run(whole, [&](const std::string& path) {
    const Bytes text = read_file(path);
    const std::string_view view(reinterpret_cast<const char*>(text.data()), text.size());
    const Graph graph = parse(view, printed.constants, path);
    try {
      verify(graph, Level::imported);
      run_accepted(graph);
    } catch (const Error& error) {
      throw error.at(path);
    }
  });
}

TEST(FileFuzz, Npy) {
  const Bytes whole = print_npy(random_images({6, 5, 4}));
  Attacker(".npy").run(whole, [](const std::string& path) {
    const Array array = read_npy(path);
    EXPECT_EQ(static_cast<int64_t>(array.data.size()),
              element_count(array.shape) * size_of(array.dtype));
  });
}

// Big-endian doubles in Fortran order: swapped, reordered and converted.
Bytes npy_of_doubles() {
  const std::string header = "{'descr': '>f8', 'fortran_order': True, 'shape': (5, 2, 3), }\n";
  std::string file("\x93NUMPY\x01\0", 8);
  file += {static_cast<char>(header.size()), '\0'};
  file += header + std::string(5 * 2 * 3 * 8, '\x3f');
  return {file.begin(), file.end()};
}

TEST(FileFuzz, NpyThatIsConverted) {
  Attacker(".npy").run(npy_of_doubles(), [](const std::string& path) {
    const Array array = read_npy(path);
    EXPECT_EQ(static_cast<int64_t>(array.data.size()),
              element_count(array.shape) * size_of(array.dtype));
  });
}

TEST(FileFuzz, NpzDataset) {
  const Array labels{DType::uint8, {20}, Bytes(20, 1)};
  const Array one_hot{
      DType::int16, {5, 2}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0}};
  const Bytes whole = written("whole.npz", [&](const std::string& path) {
    write_zip(path, {{"x.npy", print_npy(random_images({20, 8, 8, 1}))},
                     {"y.npy", print_npy(labels)},
                     {"Test_Images.npy", npy_of_doubles()},
                     {"Test_Labels.npy", print_npy(one_hot)}});
  });
  Attacker(".npz").run(whole, [](const std::string& path) {
    const datasets::Dataset data = datasets::load(path);
    for (const datasets::Split* split : {&data.train, &data.validation, &data.test}) {
      if (split->count() == 0) continue;
      EXPECT_EQ(static_cast<int64_t>(split->images.data.size()),
                element_count(split->images.shape) * size_of(split->images.dtype));
      if (split->labels.empty()) continue;
      EXPECT_EQ(split->labels.size(), static_cast<size_t>(split->count()));
    }
  });
}

TEST(FileFuzz, Idx) {
  Bytes whole{0, 0, 8, 3, 0, 0, 0, 20, 0, 0, 0, 8, 0, 0, 0, 8};
  const Array images = random_images({20, 8, 8});
  whole.insert(whole.end(), images.data.begin(), images.data.end());
  Attacker(".idx").run(whole, [](const std::string& path) {
    const Array array = datasets::parse_idx(read_file(path), path);
    EXPECT_EQ(static_cast<int64_t>(array.data.size()), element_count(array.shape));
  });
}

TEST(FileFuzz, Device) {
  const std::string_view text = resource("deploy/devices/mps2-an386.toml");
  Attacker(".toml").run(Bytes(text.begin(), text.end()),
                        [](const std::string& path) { deploy::load_device(path); });
}

}  // namespace
}  // namespace mote::testing
