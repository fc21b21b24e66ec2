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

// What is whole: as many bytes as its type says.
void read_whole_npy(const Bytes& damaged) {
  const Array read = parse_npy(damaged, damaged_path());
  EXPECT_EQ(static_cast<int64_t>(read.data.size()),
            element_count(read.shape) * size_of(read.dtype));
}

TEST(Damage, Npy) {
  const Array array{DType::int16, {3, 4}, Bytes(24, 7)};
  expect_errors_or_sense(print_npy(array), read_whole_npy);
}

// A file with this header, and `data` bytes of data behind it.
Bytes npy_with(const std::string& header, size_t data) {
  Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0};
  for (size_t i = 0; i < 4; i++) file.push_back(static_cast<uint8_t>(header.size() >> (8 * i)));
  file.insert(file.end(), header.begin(), header.end());
  file.resize(file.size() + data, 7);
  return file;
}

TEST(Damage, NpyThatIsConvertedAndReordered) {
  for (const char* descr : {">f8", "<u8", ">u2", ">i4"})
    expect_errors_or_sense(npy_with(std::string("{'descr': '") + descr +
                                        "', 'fortran_order': True, 'shape': (2, 3, 2), }\n",
                                    12 * static_cast<size_t>(descr[2] - '0')),
                           read_whole_npy);
}

// Sizes beyond 32 and 64 bits, products that are 0 or small in them, and headers that do not end.
TEST(Damage, HostileNpyHeaders) {
  const std::string descr = "{'descr': '<f8', 'fortran_order': True, 'shape': ";
  std::string ranks = "(", nines = "(";
  for (int i = 0; i < 33; i++) ranks += "1, ";
  nines += std::string(100000, '9');
  const std::string headers[] = {
      descr + "(4294967296, 4294967296), }",
      descr + "(2147483647, 2147483647, 2147483647, 2147483647), }",
      descr + "(65536, 65536, 65536, 65536), }",
      descr + "(1073741824, 8), }",
      descr + "(536870912, 536870912, 64), }",
      descr + "(9223372036854775807,), }",
      descr + "(18446744073709551617,), }",
      descr + "(-1, -8), }",
      descr + ranks + "), }",
      descr + nines + "), }",
      descr + "(((((((((",
      descr + "(1.0,), }",
      descr + "(1, 1), 'shape': (1,), }",
      descr + std::string("(1\0, 1), }", 11),
      "{'descr': '<f8",
      "{'descr': '', 'fortran_order': True, 'shape': (1,), }",
      "{'descr': '<', 'fortran_order': True, 'shape': (1,), }",
      "{'descr': '>>>>f8', 'fortran_order': True, 'shape': (2,), }",
      "{'descr': '<f8\n', 'fortran_order': True, 'shape': (1,), }",
      std::string(100000, '{'),
      "",
  };
  for (const std::string& header : headers) {
    SCOPED_TRACE(header.substr(0, 100));
    try {
      parse_npy(npy_with(header, 8), damaged_path());
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_TRUE(error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported);
      EXPECT_TRUE(error.where.starts_with(damaged_path())) << error.what();
      const std::string line = error.what();
      EXPECT_LT(line.size(), damaged_path().size() + 300) << line;
      EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    }
  }
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
