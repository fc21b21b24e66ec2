#include "ir/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "ir/elements.h"

namespace mote {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::string_view kMemberSuffix = ".npy";  // of an .npz file's members
constexpr size_t kMaxRank = 32;                     // NumPy's own limit

struct Header {
  ElementFormat format;
  Shape shape;
};

// The header: a Python dictionary of three entries, and nothing else of Python.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, size_t offset, const std::string& where)
      : text_(text), offset_(offset), where_(where) {}

  Header parse() {
    expect('{');
    while (!accept('}')) {
      const std::string key(quoted());
      expect(':');
      parse_entry(key);
      if (!accept(',') && !(skip_spaces(), peek() == '}')) fail("expected ',' or '}'");
    }
    skip_spaces();
    if (position_ != text_.size()) fail("text after the dictionary");
    if (!format_ || !shape_ || !fortran_order_)
      fail("'descr', 'fortran_order' or 'shape' is missing");
    format_->column_major = *fortran_order_;
    return {*format_, *shape_};
  }

 private:
  void parse_entry(const std::string& key) {
    if (key == "descr" && !format_) {
      parse_descr();
    } else if (key == "fortran_order" && !fortran_order_) {
      parse_fortran_order();
    } else if (key == "shape" && !shape_) {
      parse_shape();
    } else {
      fail(fmt::format("unknown or repeated key '{}'", ascii_excerpt(key)));
    }
  }

  // "<f4": the order of the bytes, what they are, how many. A list is a type of several fields.
  void parse_descr() {
    skip_spaces();
    if (peek() == '[' || peek() == '(') refuse("elements of several fields", "");
    const std::string_view descr = quoted();
    const size_t kind = descr.find_first_not_of("<>=|");
    if (kind == std::string_view::npos) fail("a type without a name");
    ElementFormat format{.kind = descr[kind], .big_endian = descr.starts_with('>')};
    const std::string_view digits = descr.substr(kind + 1);
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), format.size_bytes);
    const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    if (format.kind == 'O')
      refuse("Python objects", "save one array of numbers: np.stack(x).astype('float32')");
    if (format.kind == 'U' || format.kind == 'S')
      refuse("text", "save numbers: np.unique(x, return_inverse=True)[1] are class indices");
    if (!whole || !is_known(format))
      refuse(fmt::format("elements of type '{}'", ascii_excerpt(descr)), "");
    format_ = format;
  }

  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const {
    throw Error(
        ErrorKind::unsupported, what, place(),
        hint.empty() ? "save numbers or booleans, of 64 bits at most: x.astype('float32')" : hint);
  }

  void parse_fortran_order() {
    skip_spaces();
    fortran_order_ = accept_word("True");
    if (!*fortran_order_ && !accept_word("False")) fail("expected True or False");
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
    if (peek() == 'L') position_++;  // Python 2 wrote its long integers so
    if (value == 0)
      throw Error(ErrorKind::invalid_input, "an empty array: a dimension is 0", place(),
                  "save at least one element, or leave the array out");
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

  std::string place() const { return fmt::format("{}: offset {}", where_, offset_ + position_); }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorKind::invalid_input, "no .npy header: " + message, place());
  }

  std::string_view text_;
  size_t offset_;  // of the text in the file
  const std::string& where_;
  size_t position_ = 0;
  std::optional<ElementFormat> format_;
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
  if (bytes.size() < 10 || !is_npy(bytes)) fail_at(0, "no .npy file", where);
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

// '<f4', '|u1'
std::string descr_of(DType dtype) {
  const ElementFormat format = format_of(dtype);
  return fmt::format("{}{}{}", format.size_bytes == 1 ? '|' : '<', format.kind, format.size_bytes);
}

}  // namespace

bool is_npy(std::span<const uint8_t> bytes) {
  return bytes.size() >= kMagic.size() &&
         std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

Array parse_npy(std::span<const uint8_t> bytes, const std::string& where) {
  const HeaderExtent extent = header_extent(bytes, where);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + extent.begin,
                              extent.length);
  const auto [format, shape] = HeaderParser(text, extent.begin, where).parse();
  const auto data = bytes.subspan(extent.begin + extent.length);
  if (bytes_within(shape, format.size_bytes, data.size()) != data.size())
    fail_at(
        extent.begin + extent.length,
        fmt::format("{} bytes of data for {}{}", data.size(), name_of(format), to_string(shape)),
        where);
  return array_of(format, shape, data, where);
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

NpzFile::NpzFile(const std::string& path) : zip_(path) {
  for (const std::string& member : zip_.names())
    if (member.ends_with(kMemberSuffix))
      names_.push_back(member.substr(0, member.size() - kMemberSuffix.size()));
}

Array NpzFile::read(const std::string& name) const {
  const std::string member = name + std::string(kMemberSuffix);
  return parse_npy(zip_.read(member), zip_.place(member));
}

std::map<std::string, Array> read_npz(const std::string& path) {
  const NpzFile file(path);
  std::map<std::string, Array> arrays;
  for (const std::string& name : file.names()) arrays[name] = file.read(name);
  return arrays;
}

void write_npz(const std::string& path, const std::map<std::string, Array>& arrays) {
  std::map<std::string, Bytes> members;
  for (const auto& [name, array] : arrays)
    members[name + std::string(kMemberSuffix)] = print_npy(array);
  write_zip(path, members);
}

}  // namespace mote
