// Damaged files: cut at seeded lengths, and with bytes flipped at seeded places. Readers give an
// Error that names the file, or something that is whole. Runs under the sanitizers of preset dev.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "ir/mote_file.h"
#include "ir/npy.h"
#include "ir/text.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

constexpr int kCuts = 100;
constexpr int kFlips = 1000;

std::string damaged_path() {
  return temp_path("damaged.bin");
}

// Without the flushes to disk of write_file and of truncation: 1,100 of them take long.
void write_damaged(const Bytes& bytes) {
  std::filesystem::remove(damaged_path());
  std::ofstream file(damaged_path(), std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

// `read` reads the damaged file and checks what it gets.
void expect_errors_or_sense(const Bytes& whole, const std::function<void(const Bytes&)>& read) {
  const auto expect_survival = [&](const Bytes& damaged) {
    try {
      read(damaged);
    } catch (const Error& error) {
      EXPECT_TRUE(error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported)
          << error.what();
      EXPECT_TRUE(error.where.starts_with(damaged_path())) << error.what();
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  };
  Random random(1);
  for (int i = 0; i < kCuts; i++)
    expect_survival(
        {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(random.below(whole.size()))});
  for (int i = 0; i < kFlips; i++) {
    Bytes damaged = whole;
    damaged[random.below(whole.size())] ^= static_cast<uint8_t>(1 + random.below(255));
    expect_survival(damaged);
  }
}

// Every kind of statement, type and constant.
Graph small_graph() {
  Graph graph = parse(R"(graph small
input image: float32[1, 4, 4, 1] preprocess {scale: [0.003921569], bias: 0}
labels [cat, "a dog"]
  weights: float32[2, 3, 3, 1] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]
  bias: float32[2] = [0.1, -inf]
conv: float32[1, 2, 2, 2] = Conv2D(image, weights, bias) {stride: 2x2, padding: [0, 1, 0, 1]}
six: float32[1, 2, 2, 2] = Add(conv, conv) {activation: relu6} from "a;b"
codes: int8[1, 2, 2, 2] {scale: 0.1, zero_point: -1} = Quantize(six) {scale: 0.1, zero_point: -1}
flat: int8[1, 8] {scale: 0.1, zero_point: -1} = Reshape(codes) {shape: [1, 8]}
  dense: int8[1, 8] {scale: [0.5], axis: 0, bits: 4} = [1, 2, 3, 4, 5, 6, 7, -7]
output: int8[1, 1] {scale: 0.25} = FullyConnected(flat, dense, _)
output output
)",
                      {});
  return graph;
}

TEST(Damage, Text) {
  const PrintedGraph printed = print(small_graph());
  const Bytes whole(printed.text.begin(), printed.text.end());
  expect_errors_or_sense(whole, [&](const Bytes& damaged) {
    const std::string text(damaged.begin(), damaged.end());
    const Graph graph = parse(text, printed.constants, damaged_path());
    const PrintedGraph again = print(graph);  // what was accepted is a graph: it prints and parses
    EXPECT_EQ(print(parse(again.text, again.constants)).text, again.text);
  });
}

TEST(Damage, Npy) {
  const Array array{DType::int16, {3, 4}, Bytes(24, 7)};
  expect_errors_or_sense(print_npy(array), [](const Bytes& damaged) {
    const Array read = parse_npy(damaged, damaged_path());
    EXPECT_EQ(static_cast<int64_t>(read.data.size()),
              element_count(read.shape) * size_of(read.dtype));
  });
}

TEST(Damage, Npz) {
  const std::map<std::string, Array> arrays = {{"x", {DType::uint8, {3}, {7, 8, 9}}},
                                               {"y", {DType::int16, {3, 4}, Bytes(24, 7)}}};
  write_npz(damaged_path(), arrays);
  expect_errors_or_sense(read_file(damaged_path()), [&](const Bytes& damaged) {
    write_damaged(damaged);
    for (const auto& [name, read] : read_npz(damaged_path()))
      EXPECT_EQ(static_cast<int64_t>(read.data.size()),
                element_count(read.shape) * size_of(read.dtype));
  });
}

TEST(Damage, MoteFile) {
  const Graph graph = small_graph();
  write_mote_file(damaged_path(), graph);
  expect_errors_or_sense(read_file(damaged_path()), [&](const Bytes& damaged) {
    write_damaged(damaged);
    EXPECT_EQ(read_mote_file(damaged_path()).graph, graph);  // every byte of it has a CRC
  });
}

}  // namespace
}  // namespace mote
