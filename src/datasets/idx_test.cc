#include "datasets/idx.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/gzip.h"
#include "base/random.h"
#include "tests/support/temp_path.h"

namespace mote::datasets {
namespace {

// [2, 3]: 1..6
const Bytes kSmall{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};

Bytes random_bytes(size_t count) {
  Bytes bytes(count);
  Random random(1);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.below(256));
  return bytes;
}

// The error that `call` throws; fails the test where it throws none.
template <class Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::internal, ""};
}

TEST(Idx, ReadsShapeAndElements) {
  const Array array = parse_idx(kSmall, "small");
  EXPECT_EQ(array.shape, (Shape{2, 3}));
  EXPECT_EQ(array.data, (Bytes{1, 2, 3, 4, 5, 6}));
}

// The numbers 1 and -2, or 1 and 254, by hand; the format is big-endian.
TEST(Idx, ReadsEveryTypeOfElements) {
  struct Case {
    uint8_t type;
    Bytes data;
    DType dtype;
    Bytes expected;
  };
  for (const Case& c : {Case{0x08, {1, 0xfe}, DType::uint8, {1, 0xfe}},
                        Case{0x09, {1, 0xfe}, DType::int8, {1, 0xfe}},
                        Case{0x0b, {0, 1, 0xff, 0xfe}, DType::int16, {1, 0, 0xfe, 0xff}},
                        Case{0x0c,
                             {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe},
                             DType::int32,
                             {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff}},
                        Case{0x0d,
                             {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0},
                             DType::float32,
                             {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
                        Case{0x0e,
                             {0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0},
                             DType::float32,
                             {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}}) {
    Bytes bytes{0, 0, c.type, 1, 0, 0, 0, 2};
    bytes.insert(bytes.end(), c.data.begin(), c.data.end());
    EXPECT_EQ(parse_idx(bytes, "f"), (Array{c.dtype, {2}, c.expected})) << int{c.type};
  }
}

TEST(Idx, EveryCutOfAPlainFileNamesFileAndOffset) {
  for (size_t length = 0; length < kSmall.size(); length++) {
    const Error error =
        error_of([&] { parse_idx(std::span(kSmall).first(length), "small-images"); });
    EXPECT_EQ(error.kind, ErrorKind::invalid_input) << length;
    EXPECT_EQ(error.where, "small-images");
    EXPECT_NE(error.message.find("offset"), std::string::npos) << error.message;
  }
}

TEST(Idx, ForeignHeadersAreErrorsThatSayWhatIsWrong) {
  struct Case {
    size_t at;
    uint8_t byte;
    ErrorKind kind;
    std::string message;
  };
  for (const Case& c : {Case{0, 1, ErrorKind::invalid_input, "wrong first bytes at offset 0"},
                        Case{2, 0x0a, ErrorKind::invalid_input, "type 0x0a"},
                        Case{3, 9, ErrorKind::invalid_input, "9 dimensions at offset 3"},
                        Case{4, 255, ErrorKind::invalid_input, "a dimension of 4278190082"},
                        Case{2, 0x0b, ErrorKind::invalid_input, "a dimension of 3, but 6"},
                        Case{7, 0, ErrorKind::invalid_input, "a dimension of 0"},
                        Case{7, 1, ErrorKind::invalid_input, "3 bytes too many at offset 15"}}) {
    Bytes bytes = kSmall;
    bytes[c.at] = c.byte;
    const Error error = error_of([&] { parse_idx(bytes, "f"); });
    EXPECT_EQ(error.kind, c.kind);
    EXPECT_NE(error.message.find(c.message), std::string::npos) << error.message;
  }
}

TEST(Gzip, GivesBackWhatWasPacked) {
  const Bytes bytes = random_bytes(300000);
  EXPECT_EQ(gunzip(gzip(bytes), "f"), bytes);
}

TEST(Gzip, AHundredCutsGiveOneErrorEach) {
  const Bytes packed = gzip(random_bytes(5000));
  Random random(7);
  for (int i = 0; i < 100; i++) {
    const size_t length = random.below(packed.size());
    const Error error = error_of([&] { gunzip(std::span(packed).first(length), "f.gz"); });
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_EQ(error.where, "f.gz");
    EXPECT_NE(error.message.find("cut off at offset"), std::string::npos) << error.message;
  }
}

TEST(Gzip, DamageTrailingBytesAndBombsAreErrors) {
  Bytes damaged = gzip(random_bytes(5000));
  damaged[2000] ^= 0xff;
  EXPECT_EQ(error_of([&] { gunzip(damaged, "f"); }).kind, ErrorKind::invalid_input);
  Bytes longer = gzip(kSmall);
  longer.push_back(0);
  EXPECT_NE(error_of([&] { gunzip(longer, "f"); }).message.find("after the end"),
            std::string::npos);
  const Bytes bomb = gzip(Bytes(1 << 20));
  EXPECT_NE(error_of([&] { gunzip(bomb, "f", 1 << 16); }).message.find("too long"),
            std::string::npos);
}

TEST(Mnist, ReadsZippedAndPlainFilesAndChecksLabels) {
  const std::string folder = temp_path("mnist");
  std::filesystem::create_directories(folder);
  const Bytes images{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40};
  const Bytes labels{0, 0, 8, 1, 0, 0, 0, 2, 7, 9};
  write_file(folder + "/train-images-idx3-ubyte.gz", gzip(images));
  write_file(folder + "/train-labels-idx1-ubyte", labels);
  write_file(folder + "/t10k-images-idx3-ubyte", images);
  write_file(folder + "/t10k-labels-idx1-ubyte.gz", gzip(labels));
  const Dataset dataset = read_mnist(folder);
  EXPECT_EQ(dataset.train.images.shape, (Shape{2, 1, 2, 1}));
  EXPECT_EQ(dataset.test.images.data, (Bytes{10, 20, 30, 40}));
  EXPECT_EQ(dataset.train.labels, (std::vector<int32_t>{7, 9}));
  EXPECT_EQ(dataset.classes(), 10);

  write_file(folder + "/train-labels-idx1-ubyte", Bytes{0, 0, 8, 1, 0, 0, 0, 2, 7, 10});
  EXPECT_NE(error_of([&] { read_mnist(folder); }).message.find("label 10 of sample 1"),
            std::string::npos);
  write_file(folder + "/train-labels-idx1-ubyte", Bytes{0, 0, 8, 1, 0, 0, 0, 1, 7});
  EXPECT_NE(error_of([&] { read_mnist(folder); }).message.find("1 labels for 2 images"),
            std::string::npos);
}

}  // namespace
}  // namespace mote::datasets
