// An open file by its number, for what whole files (ir/file.h) are not enough for: files that grow,
// and locks. Tested by descriptor_test.cc.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace mote {

// Closes what it was given, whatever is thrown.
class Descriptor {
 public:
  explicit Descriptor(int number) : number(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : number(other.number) { other.number = -1; }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number;  // -1: none
};

// What the system says (errno) about `action` on `path`.
Error system_error(ErrorKind kind, const std::string& action, const std::string& path);

// Throws Error{usage} that names `path`: no space left, say.
void write_all(const Descriptor& file, std::span<const uint8_t> bytes, const std::string& path);
// The file that `path` means: the end of its symbolic links, whether or not there is a file.
std::string link_target(const std::string& path);
// Makes what was written to `temporary` durable, and then its name `path`: after a crash that means
// the old bytes or all the new ones. A file that is replaced hands on its permissions, and a
// symbolic link stays one, to the new file, which must lie in the same file system.
void publish(const Descriptor& file, const std::string& temporary, const std::string& path);

// An exclusive lock (flock) on a file that exists for nothing else and stays. It ends with the
// object or the process, however that dies.
class FileLock {
 public:
  // Waits until it is ours. Throws Error{usage} where the file system has no locks.
  explicit FileLock(const std::string& path);
  // Nothing where somebody else has it, in this process or another.
  static std::optional<FileLock> attempt(const std::string& path);

 private:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace mote
