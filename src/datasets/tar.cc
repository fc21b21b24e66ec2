#include "datasets/tar.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"
#include "datasets/gzip_file.h"

namespace mote::datasets {
namespace {

constexpr size_t kBlock = 512;
using Block = std::array<uint8_t, kBlock>;

// A header's fields: offset and length, POSIX ustar.
struct Field {
  size_t at, length;
};
constexpr Field kName{0, 100}, kSize{124, 12}, kChecksum{148, 8}, kPrefix{345, 155};
constexpr size_t kType = 156;
constexpr size_t kMagic = 257;  // "ustar": only then is there a prefix

std::string text_of(const Block& header, Field field) {
  const auto* begin = reinterpret_cast<const char*>(&header[field.at]);
  return {begin, std::find(begin, begin + field.length, '\0')};
}

// Octal digits between blanks. Nothing for other characters, the binary form of huge sizes among
// them.
std::optional<int64_t> number_of(const Block& header, Field field) {
  std::string text = text_of(header, field);
  text.erase(0, text.find_first_not_of(' '));
  text.erase(text.find_last_not_of(' ') + 1);
  int64_t value = 0;  // at most 12 digits of 3 bits
  for (const char digit : text) {
    if (digit < '0' || digit > '7') return {};
    value = value * 8 + (digit - '0');
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

bool checksum_holds(const Block& header) {
  int64_t sum = 0;
  for (size_t i = 0; i < kBlock; i++)
    sum += i >= kChecksum.at && i < kChecksum.at + kChecksum.length ? ' ' : header[i];
  return number_of(header, kChecksum) == sum;
}

class Reader {
 public:
  Reader(const std::string& path, int64_t limit_bytes)
      : path_(path), limit_bytes_(limit_bytes), file_(path) {}

  // Nothing at the archive's end: a block of zeros.
  std::optional<Block> header() {
    Block block;
    fill(block);
    if (std::all_of(block.begin(), block.end(), [](uint8_t byte) { return byte == 0; })) return {};
    if (!checksum_holds(block)) throw damaged("no tar header");
    return block;
  }

  void body(int64_t bytes, const TarSink& sink) {
    std::array<uint8_t, 128 * kBlock> piece;
    for (int64_t left = bytes; left > 0;) {
      const int64_t wanted = std::min<int64_t>(left, piece.size());
      const int64_t blocks = (wanted + kBlock - 1) / kBlock * kBlock;  // files fill whole ones
      fill(std::span(piece).first(static_cast<size_t>(blocks)));
      if (sink) sink(std::span(piece).first(static_cast<size_t>(wanted)));
      left -= wanted;
    }
  }

  // What follows the end is padding; reading it checks the sum of the whole stream.
  void rest() {
    Block block;
    while (file_.read(block) > 0) hold_limit();
  }

  Error damaged(const std::string& what) const {
    return {ErrorKind::invalid_input, fmt::format("{} at offset {}", what, file_.offset()), path_};
  }

 private:
  void fill(std::span<uint8_t> bytes) {
    if (file_.read(bytes) != bytes.size()) throw damaged("the archive is cut off");
    hold_limit();
  }
  void hold_limit() const {
    if (file_.offset() > limit_bytes_) throw damaged("the archive is too long");
  }

  std::string path_;
  int64_t limit_bytes_;
  GzipFile file_;
};

// The name without a leading "./". Throws where it leads out of the archive.
std::string inner_name(const Block& header, const Reader& reader) {
  std::string name = text_of(header, kName);
  const bool ustar = std::equal(&header[kMagic], &header[kMagic] + 5, "ustar");
  if (const std::string prefix = text_of(header, kPrefix); ustar && !prefix.empty())
    name = prefix + "/" + name;
  while (name.starts_with("./")) name.erase(0, 2);
  const std::string between = "/" + name + "/";
  if (name.starts_with("/") || between.find("/../") != std::string::npos)
    throw reader.damaged(fmt::format("the entry '{}' leads out of the archive", name));
  return name;
}

enum class Kind { file, folder, remark };

Kind kind_of(const Block& header, const std::string& name, const Reader& reader) {
  switch (header[kType]) {
    case '0':
    case '\0':
      return name.ends_with('/') ? Kind::folder : Kind::file;  // as archivers before ustar had it
    case '5':
      return Kind::folder;
    case 'x':  // pax: times and owners
    case 'g':
      return Kind::remark;
    default:
      throw reader.damaged(fmt::format(
          "the entry '{}' is neither a file nor a folder (type {:#04x})", name, header[kType]));
  }
}

}  // namespace

void read_tar_gz(const std::string& path, int64_t limit_bytes,
                 const std::function<TarSink(const std::string& name, int64_t bytes)>& entry) {
  Reader reader(path, limit_bytes);
  while (const std::optional<Block> header = reader.header()) {
    const std::string name = inner_name(*header, reader);
    const Kind kind = kind_of(*header, name, reader);
    const std::optional<int64_t> bytes = number_of(*header, kSize);
    if (!bytes) throw reader.damaged(fmt::format("the entry '{}' has no size", name));
    reader.body(*bytes, kind == Kind::file ? entry(name, *bytes) : TarSink{});
  }
  reader.rest();
}

}  // namespace mote::datasets
