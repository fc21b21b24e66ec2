// Files that the project does not carry: tests find them by an environment variable, or skip.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace mote::testing {

// The folder that the variable names; empty where it is unset.
inline std::string folder_from(const char* variable) {
  const char* folder = std::getenv(variable);
  return folder ? folder : "";
}

// All files below `folder` with this extension, sorted.
inline std::vector<std::string> files_below(const std::string& folder,
                                            const std::string& extension) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace mote::testing
