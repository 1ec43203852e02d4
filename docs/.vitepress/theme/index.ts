// Without web fonts: the site fetches nothing from elsewhere.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
