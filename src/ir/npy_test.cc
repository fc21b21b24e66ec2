#include "ir/npy.h"
#include "base/zip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

Bytes bytes_of(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

// A file as NumPy writes it: format `major`.0, the header padded with spaces and a newline.
Bytes npy(int major, const std::string& header, const Bytes& data) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(major), '\0'};
  for (size_t i = 0; i < (major == 1 ? 2u : 4u); i++)
    file += static_cast<char>(header.size() >> (8 * i));
  file += header;
  file.append(data.begin(), data.end());
  return bytes_of(file);
}

Array int16_array() {
  return {DType::int16, {2, 3}, {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0xff}};
}

TEST(Npy, ReadsEveryFormatVersion) {
  const std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }   \n";
  for (int major : {1, 2, 3})
    EXPECT_EQ(parse_npy(npy(major, header, int16_array().data), "x"), int16_array());
}

TEST(Npy, PrintsWhatNumPyPrints) {
  const Bytes printed = print_npy(int16_array());
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }";
  header.append(128 - 10 - 1 - header.size(), ' ');
  EXPECT_EQ(printed, npy(1, header + "\n", int16_array().data));
}

TEST(Npy, RoundTripsEveryTypeAndRank) {
  for (DType dtype : {DType::float32, DType::float16, DType::int8, DType::uint8, DType::int16,
                      DType::int32, DType::int64, DType::boolean})
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{1, 1}, Shape{2, 3, 4, 5}}) {
      Array array{dtype, shape, Bytes(static_cast<size_t>(element_count(shape) * size_of(dtype)))};
      for (size_t i = 0; i < array.data.size(); i++) array.data[i] = static_cast<uint8_t>(i * 37);
      EXPECT_EQ(parse_npy(print_npy(array), "x"), array) << name_of(dtype) << to_string(shape);
      EXPECT_EQ(print_npy(array).size() % 64, array.data.size() % 64);
    }
}

TEST(Npy, SaysWhatIsWrongAndWhere) {
  const auto message = [](const Bytes& bytes) -> std::string {
    try {
      parse_npy(bytes, "a.npy");
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const Bytes two = {1, 2};
  const std::string head = "{'descr': '|u1', 'fortran_order': False, 'shape': ";
  EXPECT_EQ(message(bytes_of("PK")), "a.npy: offset 0: no .npy file");
  EXPECT_EQ(message(npy(1, head + "(3,), }", two)),
            "a.npy: offset 67: 2 bytes of data for uint8[3]");
  EXPECT_EQ(message(npy(1, head + "(2147483647, 2147483647, 2147483647, 2147483647), }", two)),
            "a.npy: offset 111: 2 bytes of data for "
            "uint8[2147483647, 2147483647, 2147483647, 2147483647]");
  EXPECT_EQ(message(npy(1, head + "(99999999999,), }", two)),
            "a.npy: offset 70: no .npy header: a dimension is too large");
  EXPECT_EQ(message(npy(1, head + "(0,), }", two)),
            "a.npy: offset 62: no .npy header: a dimension is 0");
  EXPECT_EQ(message(npy(1, "{'descr': '>f8', 'fortran_order': False, 'shape': (2,), }", two)),
            "a.npy: offset 25: elements of type '>f8' "
            "(save little-endian float32, float16, int8..int64, uint8 or bool)");
  EXPECT_EQ(message(npy(1, "{'fortran_order': True}", two)),
            "a.npy: offset 32: an array in Fortran order (save numpy.ascontiguousarray(x))");
}

TEST(Npz, RoundTripsWithTheSameBytes) {
  const std::map<std::string, Array> arrays = {
      {"y_train", {DType::uint8, {3}, {7, 8, 9}}},
      {"x_train", {DType::float32, {1}, {0, 0, 128, 63}}},
  };
  const std::string first = temp_path("first.npz"), second = temp_path("second.npz");
  write_npz(first, arrays);
  write_npz(second, arrays);
  EXPECT_EQ(read_npz(first), arrays);
  EXPECT_EQ(read_file(first), read_file(second));
}

TEST(Zip, SaysWhenItIsNone) {
  const std::string path = temp_path("no.zip");
  write_file(path, std::string_view("not a zip"));
  EXPECT_THROW(read_zip(path), Error);
  EXPECT_THROW(read_zip(temp_path("absent.zip")), Error);
}

TEST(Zip, NoticesADamagedMember) {
  const std::string path = temp_path("damaged.zip");
  write_zip(path, {{"a", bytes_of("some bytes that are stored")}});
  Bytes bytes = read_file(path);
  const Bytes word = bytes_of("bytes");
  const auto at = std::search(bytes.begin(), bytes.end(), word.begin(), word.end());
  ASSERT_NE(at, bytes.end());
  *at = 'B';
  write_file(path, bytes);
  try {
    read_zip(path);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.where, path + ": member 'a': offset 26");
    EXPECT_EQ(error.message, "CRC error");
  }
}

TEST(Crc32, IsTheOneOfZip) {
  EXPECT_EQ(crc32_of(bytes_of("123456789")), 0xcbf43926u);
  EXPECT_EQ(crc32_of({}), 0u);
}

TEST(File, ReplacesAndLeavesNothingBehind) {
  const std::string path = temp_path("folder/file");
  std::filesystem::remove_all(temp_path("folder"));
  std::filesystem::create_directories(temp_path("folder"));
  write_file(path, std::string_view("old"));
  write_file(path, std::string_view("new bytes"));
  EXPECT_EQ(read_file(path), bytes_of("new bytes"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(temp_path("folder")), {}), 1);
}

TEST(File, NamesThePath) {
  try {
    read_file(temp_path("absent"));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    EXPECT_EQ(error.where, temp_path("absent"));
  }
  EXPECT_THROW(read_file(testing::TempDir()), Error);
  EXPECT_THROW(write_file(temp_path("absent/file"), std::string_view("x")), Error);
}

TEST(File, WritesToWhatIsNoFile) {
  write_file("/dev/null", std::string_view("x"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace mote
