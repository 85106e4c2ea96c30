include(GoogleTest)
find_package(PkgConfig REQUIRED)
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(Boost 1.74 REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(pagmo REQUIRED)  # sweeps: NSGA-II, fronts, hypervolume
find_package(SQLite3 REQUIRED)  # sweeps: the derived table
find_package(ZLIB REQUIRED)  # FST waveforms of Verilated blocks, compressed traces
find_package(Protobuf REQUIRED)  # Chakra traces, SentencePiece models
find_package(verilator REQUIRED HINTS $ENV{VERILATOR_ROOT} /usr/share/verilator)

# Debian packages SystemC without a CMake configuration.
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
add_library(SystemC::systemc INTERFACE IMPORTED GLOBAL)
target_link_libraries(SystemC::systemc INTERFACE PkgConfig::SYSTEMC)
