#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "deploy/emit/emit.h"

namespace mote::deploy {
namespace {

namespace fs = std::filesystem;

void write_files(const fs::path& directory, const FirmwareFiles& files) {
  for (const auto& [path, text] : files) {
    fs::create_directories((directory / path).parent_path());
    write_file((directory / path).string(), text);
  }
}

// A directory beside the target, removed again unless it was renamed to it.
struct Sibling {
  fs::path path;

  explicit Sibling(const fs::path& target) {
    // Not mkdtemp, whose folders are the owner's alone: the umask decides.
    const std::string stem = fmt::format("{}.{}.", target.string(), getpid());
    for (int number = 0; path.empty() || !fs::create_directory(path); number++)
      path = stem + fmt::to_string(number);
  }
  ~Sibling() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

}  // namespace

void write_firmware(const std::string& directory, const FirmwareFiles& files) {
  try {
    const fs::path target = fs::absolute(directory).lexically_normal();
    const fs::path clean = target.has_filename() ? target : target.parent_path();
    if (fs::exists(clean)) return write_files(clean, files);
    fs::create_directories(clean.parent_path());
    const Sibling sibling(clean);
    write_files(sibling.path, files);
    fs::rename(sibling.path, clean);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::invalid_input, error.code().message(), directory);
  }
}

}  // namespace mote::deploy
