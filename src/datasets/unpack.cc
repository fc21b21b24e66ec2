#include "datasets/unpack.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <list>

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/sha256.h"
#include "datasets/tar.h"

namespace mote::datasets {
namespace {

constexpr int64_t kFraming = 1 << 20;  // headers, padding, a read-me

// A file on its way: NAME.part until all are there.
class Unpacked {
 public:
  Unpacked(const PublishedFile& file, const std::string& folder)
      : file_(file),
        path_(std::filesystem::path(folder) / file.name),
        temporary_(path_ + ".part"),
        out_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                    0666)) {
    if (out_.number < 0) throw system_error(ErrorKind::usage, "cannot write", temporary_);
  }
  ~Unpacked() { ::unlink(temporary_.c_str()); }  // where it has not become `path_`
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;

  const PublishedFile& file() const { return file_; }
  void add(std::span<const uint8_t> bytes) {
    write_all(out_, bytes, temporary_);
    digest_.add(bytes);
  }
  void check(const std::string& archive) {
    const std::string got = digest_.hex();
    if (!file_.sha256.empty() && got != file_.sha256)
      throw Error(ErrorKind::invalid_input,
                  fmt::format("wrong bytes for {}: expected SHA-256 {}, got {}", file_.name,
                              file_.sha256, got),
                  archive);
  }
  void keep() { publish(out_, temporary_, path_); }

 private:
  const PublishedFile& file_;
  std::string path_, temporary_;
  Descriptor out_;
  Sha256 digest_;
};

const PublishedFile* find(const std::vector<PublishedFile>& files, const std::string& inner,
                          const std::string& name) {
  for (const PublishedFile& file : files)
    if (name == inner + "/" + file.name) return &file;
  return nullptr;
}

void check_size(const PublishedFile& file, int64_t bytes, const std::string& archive) {
  if (file.sha256.empty() ? bytes > file.bytes : bytes != file.bytes)
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} has {} bytes where {} are expected", file.name, bytes, file.bytes),
                archive);
}

}  // namespace

void unpack(const std::string& path, const std::string& inner,
            const std::vector<PublishedFile>& files, const std::string& folder) {
  int64_t limit = kFraming;
  for (const PublishedFile& file : files) limit += file.bytes;
  std::list<Unpacked> unpacked;
  const auto found = [&](const PublishedFile& file) {
    return std::find_if(unpacked.begin(), unpacked.end(),
                        [&](const Unpacked& u) { return &u.file() == &file; });
  };
  read_tar_gz(path, limit, [&](const std::string& name, int64_t bytes) -> TarSink {
    const PublishedFile* file = find(files, inner, name);
    if (!file) return {};
    check_size(*file, bytes, path);
    if (found(*file) != unpacked.end())
      throw Error(ErrorKind::invalid_input, file->name + " is there twice", path);
    Unpacked& out = unpacked.emplace_back(*file, folder);
    return [&out](std::span<const uint8_t> piece) { out.add(piece); };
  });
  for (const PublishedFile& file : files)
    if (found(file) == unpacked.end())
      throw Error(ErrorKind::invalid_input, file.name + " is not in it", path);
  for (Unpacked& file : unpacked) file.check(path);
  for (const PublishedFile& file : files) found(file)->keep();
}

}  // namespace mote::datasets
