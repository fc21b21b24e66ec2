#include "ir/npy.h"
#include "base/zip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "tests/support/bytes.h"
#include "tests/support/temp_path.h"

namespace mote {
namespace {

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
            "a.npy: offset 62: an empty array: a dimension is 0 (save at least one element, or "
            "leave the array out)");
  EXPECT_EQ(message(npy(1, head + "(-1,), }", two)),
            "a.npy: offset 61: no .npy header: expected a dimension");
  EXPECT_EQ(message(npy(1, "{'descr': '<u2', 'fortran_order': True, 'shape': (2,), }", two)),
            "a.npy: offset 66: 2 bytes of data for uint16[2]");
}

TEST(Npy, SaysWhatToSaveInsteadOfWhatIsNoNumber) {
  const std::pair<const char*, const char*> cases[] = {
      {"'|O'", "np.stack(x)"},
      {"'<U5'", "np.unique(x, return_inverse=True)"},
      {"'|S3'", "np.unique(x, return_inverse=True)"},
      {"'<c8'", "elements of type '<c8' (save numbers"},
      {"'<M8[ns]'", "elements of type '<M8[ns]' (save numbers"},
      {"'<f16'", "elements of type '<f16' (save numbers"},
      {"'<i3'", "elements of type '<i3' (save numbers"},
      {"'<u-8'", "elements of type '<u-8' (save numbers"},
      {"'<i99999999999999999999'", "elements of type '<i99999999999999999999' (save numbers"},
      {"[('r', '|u1'), ('g', '|u1')]", "elements of several fields (save numbers"},
  };
  for (const auto& [descr, expected] : cases) {
    const std::string header =
        std::string("{'descr': ") + descr + ", 'fortran_order': False, 'shape': (1,), }";
    try {
      parse_npy(npy(1, header, Bytes(8)), "a.npy");
      ADD_FAILURE() << descr << " is accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::unsupported) << error.what();
      EXPECT_TRUE(error.where.starts_with("a.npy: offset ")) << error.what();
      EXPECT_NE(std::string(error.what()).find(expected), std::string::npos) << error.what();
    }
  }
}

// Two elements of `descr` as NumPy writes it.
Array two_of(const std::string& descr, const Bytes& data) {
  return parse_npy(
      npy(1, "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,), }", data), "a.npy");
}

// By hand: the numbers 1 and -2, or 1 and the largest, in each type and order of bytes.
TEST(Npy, ReadsEveryTypeOfNumberInBothOrders) {
  struct Case {
    const char* descr;
    Bytes data;
    DType dtype;
    Bytes expected;
  };
  const Case cases[] = {
      {"|b1", {1, 0}, DType::boolean, {1, 0}},
      {"|i1", {1, 0xfe}, DType::int8, {1, 0xfe}},
      {">u1", {1, 0xff}, DType::uint8, {1, 0xff}},
      {"<i2", {1, 0, 0xfe, 0xff}, DType::int16, {1, 0, 0xfe, 0xff}},
      {">i2", {0, 1, 0xff, 0xfe}, DType::int16, {1, 0, 0xfe, 0xff}},
      {"=i4",
       {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff},
       DType::int32,
       {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff}},
      {">i4",
       {0, 0, 0, 1, 0xff, 0xff, 0xff, 0xfe},
       DType::int32,
       {1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff}},
      {">i8",
       {0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe},
       DType::int64,
       {1, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
      {"<u2", {1, 0, 0xff, 0xff}, DType::int32, {1, 0, 0, 0, 0xff, 0xff, 0, 0}},
      {">u2", {0, 1, 0xff, 0xfe}, DType::int32, {1, 0, 0, 0, 0xfe, 0xff, 0, 0}},
      {"<u4",
       {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff},
       DType::int64,
       {1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}},
      {">u8",
       {0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
       DType::int64,
       {1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
      {"<f2", {0, 0x3c, 0, 0xc0}, DType::float16, {0, 0x3c, 0, 0xc0}},
      {">f2", {0x3c, 0, 0xc0, 0}, DType::float16, {0, 0x3c, 0, 0xc0}},
      {">f4", {0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0}, DType::float32, {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
      {"<f8",
       {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0},
       DType::float32,
       {0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}},
      // 0.1 is 3fb999999999999a, and to the nearest float 3dcccccd; infinity stays infinite.
      {">f8",
       {0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0},
       DType::float32,
       {0xcd, 0xcc, 0xcc, 0x3d, 0, 0, 0x80, 0x7f}},
  };
  for (const Case& c : cases) {
    const Array array = two_of(c.descr, c.data);
    EXPECT_EQ(array.dtype, c.dtype) << c.descr;
    EXPECT_EQ(array.shape, Shape{2}) << c.descr;
    EXPECT_EQ(array.data, c.expected) << c.descr;
  }
}

TEST(Npy, RefusesNumbersThatItsTypesCannotHold) {
  const Bytes one_and_two_to_63{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80};
  const Bytes one_and_1e300{0,    0,    0,    0,    0,    0,    0xf0, 0x3f,
                            0x9c, 0x75, 0x00, 0x88, 0x3c, 0xe4, 0x37, 0x7e};
  for (const auto& [descr, data] :
       {std::pair("<u8", one_and_two_to_63), std::pair("<f8", one_and_1e300)}) {
    try {
      two_of(descr, data);
      ADD_FAILURE() << descr << " is accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, ErrorKind::invalid_input);
      EXPECT_NE(error.message.find("element 1 is"), std::string::npos) << error.what();
      EXPECT_NE(error.message.find("too large"), std::string::npos) << error.what();
    }
  }
}

// a[i, j, k] = 100 i + 10 j + k, written with the first index varying fastest.
TEST(Npy, ReadsFortranOrder) {
  Bytes columns, big_columns, rows;
  for (uint8_t k = 0; k < 4; k++)
    for (uint8_t j = 0; j < 3; j++)
      for (uint8_t i = 0; i < 2; i++) {
        columns.push_back(static_cast<uint8_t>(100 * i + 10 * j + k));
        big_columns.insert(big_columns.end(), {0, columns.back()});
      }
  for (uint8_t i = 0; i < 2; i++)
    for (uint8_t j = 0; j < 3; j++)
      for (uint8_t k = 0; k < 4; k++) rows.push_back(static_cast<uint8_t>(100 * i + 10 * j + k));
  const std::string rest = "', 'fortran_order': True, 'shape': (2, 3, 4), }";
  EXPECT_EQ(parse_npy(npy(1, "{'descr': '|u1" + rest, columns), "x"),
            (Array{DType::uint8, {2, 3, 4}, rows}));
  Bytes little_rows;
  for (uint8_t byte : rows) little_rows.insert(little_rows.end(), {byte, 0});
  EXPECT_EQ(parse_npy(npy(1, "{'descr': '>i2" + rest, big_columns), "x"),
            (Array{DType::int16, {2, 3, 4}, little_rows}));
  EXPECT_EQ(
      parse_npy(npy(1, "{'descr': '|u1', 'fortran_order': True, 'shape': (3L,), }", {1, 2, 3}),
                "x"),
      (Array{DType::uint8, {3}, {1, 2, 3}}));  // long integers as of Python 2
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

TEST(Npz, WhatNobodyAsksForMayBeAnything) {
  const std::string path = temp_path("mixed.npz");
  const auto header = [](const std::string& descr, const std::string& shape) {
    return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  };
  write_zip(path, {{"x.npy", print_npy(int16_array())},
                   {"names.npy", npy(1, header("<U5", "(1,)"), Bytes(20))},
                   {"objects.npy", npy(1, header("|O", "(2,)"), bytes_of("\x80\x04 a pickle"))},
                   {"empty.npy", npy(1, header("<f4", "(0, 3)"), {})},
                   {"broken.npy", bytes_of("\x93NUMPY")},
                   {"notes.txt", bytes_of("read me")},
                   {"folder/", {}}});
  const NpzFile file(path);
  EXPECT_EQ(file.names(), (std::vector<std::string>{"broken", "empty", "names", "objects", "x"}));
  EXPECT_EQ(file.read("x"), int16_array());
  for (const auto& [name, kind] :
       {std::pair("objects", ErrorKind::unsupported), std::pair("names", ErrorKind::unsupported),
        std::pair("empty", ErrorKind::invalid_input), std::pair("broken", ErrorKind::invalid_input),
        std::pair("absent", ErrorKind::invalid_input)}) {
    try {
      file.read(name);
      ADD_FAILURE() << name << " is accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind, kind) << error.what();
      EXPECT_TRUE(error.where.starts_with(path + ": member '" + name + ".npy'")) << error.what();
    }
  }
}

// An archive of Python's zipfile, as np.savez_compressed writes one: deflated, with the sizes of a
// 64-bit archive. x is 0 to 7 as uint8[2, 2, 2], y is int64 [1, 0].
constexpr std::string_view kDeflated =
    "504b03042d0000000800000021006160fdb5ffffffffffffffff05001400782e6e70790100100088000000000000"
    "004f000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f"
    "5f94920a12774bcc294e058a17672416a402f91a463a0a20a4a9a350ab401ee062606462666165630700504b0304"
    "2d00000008000000210071fb39abffffffffffffffff05001400792e6e7079010010009000000000000000480000"
    "00000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a"
    "12774bcc294e058a17672416a402f91a463a9a3a0ab50a14002e4606540000504b01022d032d0000000800000021"
    "006160fdb54f00000088000000050000000000000000000000800100000000782e6e7079504b01022d032d000000"
    "08000000210071fb39ab4800000090000000050000000000000000000000800186000000792e6e7079504b050600"
    "0000000200020066000000050100000000";

TEST(Npz, ReadsDeflatedMembers) {
  Bytes bytes;
  for (size_t i = 0; i < kDeflated.size(); i += 2)
    bytes.push_back(
        static_cast<uint8_t>(std::stoi(std::string(kDeflated.substr(i, 2)), nullptr, 16)));
  const std::string path = temp_path("deflated.npz");
  write_file(path, bytes);
  const NpzFile file(path);
  EXPECT_EQ(file.read("x"), (Array{DType::uint8, {2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}}));
  EXPECT_EQ(file.read("y").data, (Bytes{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));

  // The same under one name: whoever asks for it would not know which.
  for (size_t i = 0; i + 5 < bytes.size(); i++)
    if (std::equal(&bytes[i], &bytes[i + 5], "y.npy")) bytes[i] = 'x';
  write_file(path, bytes);
  EXPECT_THROW(NpzFile(path).read("x"), Error);
  EXPECT_THROW(read_zip(path), Error);
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
  EXPECT_THROW(read_file(::testing::TempDir()), Error);
  EXPECT_THROW(write_file(temp_path("absent/file"), std::string_view("x")), Error);
}

TEST(File, WritesToWhatIsNoFile) {
  write_file("/dev/null", std::string_view("x"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace mote
