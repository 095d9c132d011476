/** The version of every document the program reads and prints: claims, experiments, configurations, reports. */
export const API_VERSION = 'seaworthy.dev/v1alpha1';
