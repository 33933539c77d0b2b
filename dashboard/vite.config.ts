import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const village = process.env['VILLAGE_URL'] ?? 'http://127.0.0.1:4040'

export default defineConfig({
  // Relative, so that the server can mount the page anywhere.
  base: './',
  plugins: [react()],
  server: { proxy: { '/village': village } },
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
})
