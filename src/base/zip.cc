// See zip.h. Everything passes through memory, so that reading shares read_file's errors and
// writing shares write_file's rename.
#include "base/zip.h"

#include <zip.h>
#include <zlib.h>

#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"

namespace mote {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using Source = std::unique_ptr<zip_source_t, Discard>;
using Member = std::unique_ptr<zip_file_t, Discard>;

constexpr uint16_t kDosDate = (1 << 5) | 1;  // 1980-01-01: the zero of zip's calendar
constexpr uint32_t kAttributes = 0100644u << 16;

struct ZipError : zip_error_t {
  ZipError() { zip_error_init(this); }
  ~ZipError() { zip_error_fini(this); }
  std::string text() { return zip_error_strerror(this); }
};

// What may come out of one archive: a deflated gigabyte of zeros is a megabyte.
constexpr size_t kMaxArchiveBytes = size_t{8} << 30;

Member open_member(zip_t* archive, zip_uint64_t index, const std::string& where) {
  Member member(zip_fopen_index(archive, index, 0));
  if (member) return member;
  const int code = zip_error_code_zip(zip_get_error(archive));
  const bool unknown =
      code == ZIP_ER_COMPNOTSUPP || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_NOPASSWD;
  throw Error(unknown ? ErrorKind::unsupported : ErrorKind::invalid_input, zip_strerror(archive),
              where, unknown ? "store or deflate it, without a password" : "");
}

// Grows with what the member really holds, whatever its header says. At its end libzip has compared
// the CRC-32.
Bytes read_member(zip_t* archive, zip_uint64_t index, size_t& budget, const std::string& where) {
  const Member member = open_member(archive, index, where);
  Bytes bytes;
  std::array<uint8_t, 1 << 16> piece;
  for (;;) {
    const zip_int64_t count = zip_fread(member.get(), piece.data(), piece.size());
    if (count == 0) return bytes;
    if (count < 0)
      throw Error(ErrorKind::invalid_input, zip_file_strerror(member.get()),
                  fmt::format("{}: offset {}", where, bytes.size()));
    if (static_cast<size_t>(count) > budget)
      throw Error(ErrorKind::invalid_input, "more than 8 GB come out of the archive", where);
    budget -= static_cast<size_t>(count);
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + count);
  }
}

[[noreturn]] void fail_writing(zip_t* archive, const std::string& path) {
  throw Error(ErrorKind::internal, fmt::format("libzip: {}", zip_strerror(archive)), path);
}

// Stored, not deflated: weights hardly shrink, and the bytes then depend on no version of zlib.
void add_member(zip_t* archive, const std::string& name, const Bytes& bytes,
                const std::string& path) {
  zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  const zip_int64_t added =
      source ? zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
  if (added < 0) {
    zip_source_free(source);
    fail_writing(archive, path);
  }
  const auto index = static_cast<zip_uint64_t>(added);
  if (zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, index, 0, kDosDate, 0) != 0 ||
      zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX, kAttributes) != 0)
    fail_writing(archive, path);
}

Bytes contents(zip_source_t* source, const std::string& path) {
  zip_stat_t status;
  if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0)
    throw Error(ErrorKind::internal, "libzip lost what it wrote", path);
  Bytes bytes(status.size);
  const zip_int64_t count = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (count != static_cast<zip_int64_t>(bytes.size()))
    throw Error(ErrorKind::internal, "libzip lost what it wrote", path);
  return bytes;
}

}  // namespace

struct ZipFile::State {
  std::string path;
  Bytes file;
  Archive archive;
  std::vector<std::string> names;
  std::multimap<std::string, zip_uint64_t, std::less<>> indices;
  size_t budget = kMaxArchiveBytes;
};

ZipFile::ZipFile(const std::string& path)
    : state_(std::make_unique<State>(State{path, read_file(path), {}, {}, {}})) {
  ZipError error;
  Source source(zip_source_buffer_create(state_->file.data(), state_->file.size(), 0, &error));
  state_->archive.reset(source ? zip_open_from_source(source.get(), ZIP_RDONLY, &error) : nullptr);
  zip_t* archive = state_->archive.get();
  if (!archive) throw Error(ErrorKind::invalid_input, "no zip archive: " + error.text(), path);
  source.release();  // the archive owns it now
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive, 0));
  for (zip_uint64_t i = 0; i < count; i++) {
    const char* name = zip_get_name(archive, i, 0);
    if (!name) throw Error(ErrorKind::invalid_input, zip_strerror(archive), path);
    if (std::string_view(name).ends_with('/')) continue;  // a folder
    state_->names.emplace_back(name);
    state_->indices.emplace(name, i);
  }
}

ZipFile::~ZipFile() = default;
ZipFile::ZipFile(ZipFile&&) noexcept = default;

const std::vector<std::string>& ZipFile::names() const {
  return state_->names;
}

std::string ZipFile::place(std::string_view name) const {
  return fmt::format("{}: member '{}'", state_->path, ascii_excerpt(name));
}

Bytes ZipFile::read(const std::string& name) const {
  const auto [first, last] = state_->indices.equal_range(name);
  if (first == last) throw Error(ErrorKind::invalid_input, "is not there", place(name));
  if (std::next(first) != last) throw Error(ErrorKind::invalid_input, "occurs twice", place(name));
  return read_member(state_->archive.get(), first->second, state_->budget, place(name));
}

std::map<std::string, Bytes> read_zip(const std::string& path) {
  const ZipFile file(path);
  std::map<std::string, Bytes> members;
  for (const std::string& name : file.names()) members[name] = file.read(name);
  return members;
}

void write_zip(const std::string& path, const std::map<std::string, Bytes>& members) {
  // libzip removes an archive without members, and so cannot make one.
  if (members.empty()) throw Error(ErrorKind::internal, "an archive without members", path);
  ZipError error;
  Source source(zip_source_buffer_create(nullptr, 0, 0, &error));
  Archive archive(source ? zip_open_from_source(source.get(), ZIP_TRUNCATE, &error) : nullptr);
  if (!archive) throw Error(ErrorKind::internal, "libzip: " + error.text(), path);
  zip_source_keep(source.get());  // the archive owns one reference, we keep the other to read it
  for (const auto& [name, bytes] : members) add_member(archive.get(), name, bytes, path);
  if (zip_close(archive.get()) != 0) fail_writing(archive.get(), path);
  archive.release();
  write_file(path, contents(source.get(), path));
}

uint32_t crc32_of(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

}  // namespace mote
