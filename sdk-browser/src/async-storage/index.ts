export { type AsyncStorage, createAsyncStorage } from './async-storage.ts';
