#include "base/descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace mote {
namespace {

Descriptor open_lock(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (file.number < 0) throw system_error(ErrorKind::usage, "cannot write", path);
  return file;
}

// False where `mode` says not to wait and the lock is another's.
bool lock(const Descriptor& file, int mode, const std::string& path) {
  while (::flock(file.number, mode) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw system_error(ErrorKind::usage, "cannot lock", path);
  }
  return true;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number >= 0) ::close(number);
}

Error system_error(ErrorKind kind, const std::string& action, const std::string& path) {
  return {kind, action + ": " + std::strerror(errno), path};
}

void write_all(const Descriptor& file, std::span<const uint8_t> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.number, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw system_error(ErrorKind::usage, "cannot write", path);
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
}

std::string link_target(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the system's own limit
  std::filesystem::path target = path;
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(target, error); links++) {
    if (links == kMostLinks) {
      errno = ELOOP;
      throw system_error(ErrorKind::usage, "cannot write", path);
    }
    target = target.parent_path() / std::filesystem::read_symlink(target, error);
  }
  return target;
}

void publish(const Descriptor& file, const std::string& temporary, const std::string& path) {
  const std::string target = link_target(path);
  struct stat status;
  const bool replaces = ::stat(target.c_str(), &status) == 0;
  if ((replaces && ::fchmod(file.number, status.st_mode & 07777) != 0) ||
      ::fsync(file.number) != 0 || std::rename(temporary.c_str(), target.c_str()) != 0)
    throw system_error(ErrorKind::usage, "cannot write", path);
}

FileLock::FileLock(const std::string& path) : file_(open_lock(path)) {
  lock(file_, LOCK_EX, path);
}

std::optional<FileLock> FileLock::attempt(const std::string& path) {
  Descriptor file = open_lock(path);
  if (!lock(file, LOCK_EX | LOCK_NB, path)) return {};
  return FileLock(std::move(file));
}

}  // namespace mote
