#include "tests/support/places.h"

namespace mote {
namespace {

std::string below(const char* folder, const std::string& path) {
  return path.empty() ? folder : std::string(folder) + "/" + path;
}

}  // namespace

std::string source_path(const std::string& path) {
  return below(MOTE_SOURCE_DIR, path);
}

std::string build_path(const std::string& path) {
  return below(MOTE_BUILD_DIR, path);
}

}  // namespace mote
