#include "ir/npy.h"
#include "base/zip.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/file.h"

namespace mote {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxRank = 32;  // NumPy's own limit

struct DescrRow {
  std::string_view descr;
  DType dtype;
};
constexpr DescrRow kDescrs[] = {
    {"<f4", DType::float32}, {"<f2", DType::float16}, {"|i1", DType::int8},
    {"|u1", DType::uint8},   {"<i2", DType::int16},   {"<i4", DType::int32},
    {"<i8", DType::int64},   {"|b1", DType::boolean},
};

// The header: a Python dictionary of three entries, and nothing else of Python.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, size_t offset, const std::string& where)
      : text_(text), offset_(offset), where_(where) {}

  // The type and shape; `data` stays empty.
  Array parse() {
    expect('{');
    while (!accept('}')) {
      const std::string key(quoted());
      expect(':');
      parse_entry(key);
      if (!accept(',') && !(skip_spaces(), peek() == '}')) fail("expected ',' or '}'");
    }
    skip_spaces();
    if (position_ != text_.size()) fail("text after the dictionary");
    if (!dtype_ || !shape_ || !fortran_order_)
      fail("'descr', 'fortran_order' or 'shape' is missing");
    return {*dtype_, *shape_, {}};
  }

 private:
  void parse_entry(const std::string& key) {
    if (key == "descr" && !dtype_) {
      parse_descr();
    } else if (key == "fortran_order" && !fortran_order_) {
      parse_fortran_order();
    } else if (key == "shape" && !shape_) {
      parse_shape();
    } else {
      fail(fmt::format("unknown or repeated key '{}'", printable(key)));
    }
  }

  void parse_descr() {
    const std::string_view descr = quoted();
    for (const DescrRow& row : kDescrs)
      if (row.descr == descr) dtype_ = row.dtype;
    if (!dtype_)
      throw Error(ErrorKind::unsupported, fmt::format("elements of type '{}'", printable(descr)),
                  place(), "save little-endian float32, float16, int8..int64, uint8 or bool");
  }

  void parse_fortran_order() {
    skip_spaces();
    if (accept_word("True"))
      throw Error(ErrorKind::unsupported, "an array in Fortran order", place(),
                  "save numpy.ascontiguousarray(x)");
    if (!accept_word("False")) fail("expected True or False");
    fortran_order_ = false;
  }

  void parse_shape() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      shape.push_back(dimension());
      if (shape.size() > kMaxRank) fail("too many dimensions");
      if (!accept(',') && !(skip_spaces(), peek() == ')')) fail("expected ',' or ')'");
    }
    shape_ = std::move(shape);
  }

  int32_t dimension() {
    skip_spaces();
    int64_t value = 0;
    const size_t first = position_;
    for (; peek() >= '0' && peek() <= '9'; position_++) {
      value = value * 10 + (peek() - '0');
      if (value > INT32_MAX) fail("a dimension is too large");
    }
    if (position_ == first) fail("expected a dimension");
    if (value == 0) fail("a dimension is 0");
    return static_cast<int32_t>(value);
  }

  std::string_view quoted() {
    skip_spaces();
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("expected a quoted word");
    const size_t end = text_.find(quote, position_ + 1);
    if (end == std::string_view::npos) fail("a quoted word without an end");
    const std::string_view word = text_.substr(position_ + 1, end - position_ - 1);
    position_ = end + 1;
    return word;
  }

  bool accept(char c) {
    skip_spaces();
    if (peek() != c) return false;
    position_++;
    return true;
  }

  bool accept_word(std::string_view word) {
    if (!text_.substr(position_).starts_with(word)) return false;
    position_ += word.size();
    return true;
  }

  void expect(char c) {
    if (!accept(c)) fail(fmt::format("expected '{}'", c));
  }

  void skip_spaces() {
    while (peek() == ' ' || peek() == '\n') position_++;
  }

  char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }

  static std::string printable(std::string_view word) {
    std::string result(word.substr(0, 40));
    for (char& c : result)
      if (c < ' ' || c > '~') c = '?';
    return result;
  }

  std::string place() const { return fmt::format("{}: offset {}", where_, offset_ + position_); }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorKind::invalid_input, "no .npy header: " + message, place());
  }

  std::string_view text_;
  size_t offset_;  // of the text in the file
  const std::string& where_;
  size_t position_ = 0;
  std::optional<DType> dtype_;
  std::optional<Shape> shape_;
  std::optional<bool> fortran_order_;
};

[[noreturn]] void fail_at(size_t offset, const std::string& message, const std::string& where) {
  throw Error(ErrorKind::invalid_input, message, fmt::format("{}: offset {}", where, offset));
}

// Where the header's text lies.
struct HeaderExtent {
  size_t begin;
  size_t length;
};

HeaderExtent header_extent(std::span<const uint8_t> bytes, const std::string& where) {
  if (bytes.size() < 10 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    fail_at(0, "no .npy file", where);
  const uint8_t major = bytes[6];
  if (major < 1 || major > 3) fail_at(6, fmt::format(".npy format {}", major), where);
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t begin = 8 + length_bytes;
  if (bytes.size() < begin) fail_at(bytes.size(), "the file ends in its header", where);
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; i++) length |= static_cast<size_t>(bytes[8 + i]) << (8 * i);
  if (length > bytes.size() - begin)
    fail_at(8, fmt::format("a header of {} bytes, {} are left", length, bytes.size() - begin),
            where);
  return {begin, length};
}

// The bytes that the elements need, or nothing where they are more than `available`: sizes of a
// hostile header must not overflow.
std::optional<size_t> data_bytes(const Array& array, size_t available) {
  size_t bytes = static_cast<size_t>(size_of(array.dtype));
  for (int32_t size : array.shape) {
    if (bytes > available / static_cast<size_t>(size)) return std::nullopt;
    bytes *= static_cast<size_t>(size);
  }
  return bytes;
}

std::string_view descr_of(DType dtype) {
  for (const DescrRow& row : kDescrs)
    if (row.dtype == dtype) return row.descr;
  throw Error(ErrorKind::internal, fmt::format("no .npy type for {}", name_of(dtype)));
}

}  // namespace

Array parse_npy(std::span<const uint8_t> bytes, const std::string& where) {
  const HeaderExtent header = header_extent(bytes, where);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + header.begin,
                              header.length);
  Array array = HeaderParser(text, header.begin, where).parse();
  const auto data = bytes.subspan(header.begin + header.length);
  if (data_bytes(array, data.size()) != data.size())
    fail_at(header.begin + header.length,
            fmt::format("{} bytes of data for {}{}", data.size(), name_of(array.dtype),
                        to_string(array.shape)),
            where);
  array.data.assign(data.begin(), data.end());
  return array;
}

Bytes print_npy(const Array& array) {
  const char* comma = array.shape.size() == 1 ? "," : "";  // as in a Python tuple
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   descr_of(array.dtype), fmt::join(array.shape, ", "), comma);
  // The data starts at a multiple of 64 bytes, after a newline.
  const size_t before = kMagic.size() + 4;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string text(kMagic);
  for (size_t byte : {size_t{1}, size_t{0}, header.size() & 0xff, header.size() >> 8})
    text += static_cast<char>(byte);
  text += header;
  Bytes bytes(text.size() + array.data.size());
  std::ranges::copy(text, bytes.begin());
  std::ranges::copy(array.data, bytes.begin() + static_cast<std::ptrdiff_t>(text.size()));
  return bytes;
}

Array read_npy(const std::string& path) {
  return parse_npy(read_file(path), path);
}

void write_npy(const std::string& path, const Array& array) {
  write_file(path, print_npy(array));
}

std::map<std::string, Array> read_npz(const std::string& path) {
  constexpr std::string_view kSuffix = ".npy";
  std::map<std::string, Array> arrays;
  for (const auto& [name, bytes] : read_zip(path)) {
    const std::string where = fmt::format("{}: member '{}'", path, name);
    if (!name.ends_with(kSuffix)) throw Error(ErrorKind::invalid_input, "no .npy file", where);
    arrays[name.substr(0, name.size() - kSuffix.size())] = parse_npy(bytes, where);
  }
  return arrays;
}

void write_npz(const std::string& path, const std::map<std::string, Array>& arrays) {
  std::map<std::string, Bytes> members;
  for (const auto& [name, array] : arrays) members[name + ".npy"] = print_npy(array);
  write_zip(path, members);
}

}  // namespace mote
