#include <hdf5.h>

// Predefined types, ids and flags are macros that call H5open() first or cast, which Swift cannot import.
static inline hid_t ragmeter_h5_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t ragmeter_h5_default(void) { return H5P_DEFAULT; }
static inline unsigned ragmeter_h5_read_only(void) { return H5F_ACC_RDONLY; }
// The library prints its errors to stderr unless told otherwise.
static inline herr_t ragmeter_h5_quiet(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
