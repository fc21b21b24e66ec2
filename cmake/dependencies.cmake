# The libraries that Mote uses, as targets; docs/architecture.md says why each.
find_package(ZLIB REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)

pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
add_library(libzip ALIAS PkgConfig::LIBZIP)

find_program(FLATC flatc REQUIRED)
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)
find_library(FLATBUFFERS_LIBRARY flatbuffers REQUIRED)
add_library(flatbuffers INTERFACE)
target_include_directories(flatbuffers SYSTEM INTERFACE ${FLATBUFFERS_INCLUDE})
target_link_libraries(flatbuffers INTERFACE ${FLATBUFFERS_LIBRARY})

find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
add_library(tomlplusplus INTERFACE)
target_include_directories(tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})

find_path(EIGEN_INCLUDE Eigen/Dense PATH_SUFFIXES eigen3 REQUIRED)
add_library(eigen INTERFACE)
target_include_directories(eigen SYSTEM INTERFACE ${EIGEN_INCLUDE})

find_path(MUSTACHE_INCLUDE kainjow/mustache.hpp REQUIRED)
add_library(mustache INTERFACE)
target_include_directories(mustache SYSTEM INTERFACE ${MUSTACHE_INCLUDE})

# The charts of the report, which carries the file within itself.
find_file(CHART_JS chart.min.js REQUIRED
          PATHS /usr/share/javascript PATH_SUFFIXES chart.js javascript/chart.js)

# Any libtorch >= 1.13; CMAKE_PREFIX_PATH finds another than Debian's.
find_package(Torch REQUIRED)
