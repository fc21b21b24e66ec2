#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor.h"

namespace mote {
namespace {

// A terminal, a pipe or /dev/null is written to; only what is a file can be replaced by another.
bool replaceable(const std::string& path) {
  struct stat status;
  return ::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode);
}

// A new file beside `path`, whose name it changes to its own. It has the permissions that the
// umask leaves (mkstemp's would be the owner's alone), or, where it is to replace a file that may
// be secret, those of the owner until then.
int create_beside(std::string& path) {
  const mode_t mode = ::access(path.c_str(), F_OK) == 0 ? 0600 : 0666;
  const std::string stem = path + "." + std::to_string(::getpid()) + ".";
  for (int number = 0;; number++) {
    path = stem + std::to_string(number);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file >= 0 || errno != EEXIST) return file;
  }
}

void write_in_place(const std::string& path, std::span<const uint8_t> bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.number < 0) throw system_error(ErrorKind::usage, "cannot write", path);
  write_all(file, bytes, path);
}

}  // namespace

// In pieces, for what has no size beforehand (a pipe) and for what has a wrong one.
Bytes read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) throw system_error(ErrorKind::invalid_input, "cannot read", path);
  Bytes bytes;
  std::array<uint8_t, 1 << 16> piece;
  for (;;) {
    const ssize_t count = ::read(file.number, piece.data(), piece.size());
    if (count == 0) return bytes;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error(ErrorKind::invalid_input, "cannot read", path);
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + count);
  }
}

void write_file(const std::string& path, std::span<const uint8_t> bytes) {
  if (!replaceable(path)) return write_in_place(path, bytes);
  std::string temporary = link_target(path);
  const Descriptor file(create_beside(temporary));
  if (file.number < 0) throw system_error(ErrorKind::usage, "cannot write", path);
  try {
    write_all(file, bytes, path);
    publish(file, temporary, path);
  } catch (const Error&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void write_file(const std::string& path, std::string_view text) {
  write_file(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace mote
